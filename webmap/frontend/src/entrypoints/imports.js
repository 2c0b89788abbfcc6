// Models of a site: upload with progress, and the live state of an import.
import '../css/field.css';
import { followImport } from '../field/import_progress.js';
import { enhanceModelUpload } from '../field/model_upload.js';
import { followReadiness } from '../field/readiness_card.js';

const form = /** @type {HTMLFormElement | null} */ (document.querySelector('.import-form'));
if (form) enhanceModelUpload(form);

const revision = document.getElementById('revision');
if (revision) {
  followImport(revision);
  followReadiness(revision);
}

window.twinwall = /** @type {any} */ ({ ...window.twinwall, loadedAt: performance.timeOrigin });
