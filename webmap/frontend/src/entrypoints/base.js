// Every page: the design system and what all pages share.
import '../css/tokens.css';
import '../css/base.css';
import '../css/components.css';
import '../css/readiness.css';
import { sendCsrfWithHtmx } from '../ui/csrf.js';

sendCsrfWithHtmx();
