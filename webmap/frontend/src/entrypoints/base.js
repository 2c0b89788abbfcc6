// Every page: the design system and what all pages share.
import '../css/tokens.css';
import '../css/base.css';
import '../css/components.css';
import '../css/readiness.css';
import { sendCsrfWithHtmx } from '../ui/csrf.js';

sendCsrfWithHtmx();

// On a phone the row of tabs is wider than the page: the one that is open must be in sight.
const open = document.querySelector('.tabs [aria-current=page]');
if (open) open.parentElement.scrollLeft = open.offsetLeft - (open.parentElement.clientWidth - open.offsetWidth) / 2;
