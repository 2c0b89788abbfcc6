// Cards and printed maps: progress of a print, and the choice of a sheet that shows itself.
import '../css/cards.css';
import { followChecks } from '../field/check_progress.js';
import { followChoice } from '../field/sheet_choice.js';

const part = /** @type {HTMLElement | null} */ (document.querySelector('[data-live-part]'));
if (part) followChecks(part);

const choice = /** @type {HTMLFormElement | null} */ (document.querySelector('[data-sheet-choice]'));
if (choice) followChoice(choice);

window.twinwall = /** @type {any} */ ({ ...window.twinwall, loadedAt: performance.timeOrigin });
