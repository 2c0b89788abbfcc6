// The statistics of risk: plain HTML, drawn by the style sheet.
import '../css/statistics.css';
