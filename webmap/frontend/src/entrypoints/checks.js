// Checks of a model by IDS: files dropped onto the form, and the state of what is under way.
import '../css/field.css';
import '../css/checks.css';
import { followChecks } from '../field/check_progress.js';
import { enhanceDrop } from '../field/file_drop.js';

const form = /** @type {HTMLFormElement | null} */ (document.querySelector('[data-ids-form]'));
if (form) enhanceDrop(form);

const part = /** @type {HTMLElement | null} */ (document.querySelector('[data-live-part]'));
if (part) followChecks(part);

window.twinwall = /** @type {any} */ ({ ...window.twinwall, loadedAt: performance.timeOrigin });
