// The production-risk assessment of an enterprise: server-rendered; only its style.
import '../css/assessment.css';
