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
import { showOpenTab } from '../ui/tab_strips.js';

sendCsrfWithHtmx();

showOpenTab();
