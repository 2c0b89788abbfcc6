// The past of a site, played.
import '../css/map.css';
import '../css/control.css';
import { Replay } from '../control/replay.js';
import { part } from '../viewer/markup.js';

const replay = new Replay(JSON.parse(part('page-settings').textContent ?? '{}'));
window.addEventListener('map:init', (event) => replay.openMap(/** @type {CustomEvent} */ (event).detail.map));
window.twinwall = { replay, drawn: () => replay.layer?.drawn() ?? [], frameTimes: () => replay.layer?.frameTimes ?? [] };
