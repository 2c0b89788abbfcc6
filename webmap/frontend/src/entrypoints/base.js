// Every page: the design system and what all pages share.
import '../css/tokens.css';
import '../css/base.css';
import '../css/components.css';
import '../css/readiness.css';
import '../css/patrols.css';
import '../css/people.css';
import '../css/rules.css';
import '../css/alarms.css';
import { sendCsrfWithHtmx } from '../ui/csrf.js';

sendCsrfWithHtmx();

// On a phone the row of tabs is wider than the page: the one that is open must be in sight.
const tabs = document.querySelector('.tabs');
const current = tabs?.querySelector('[aria-current=page]');
if (tabs && current instanceof HTMLElement) {
  tabs.scrollLeft = current.offsetLeft - (tabs.clientWidth - current.offsetWidth) / 2;
}
