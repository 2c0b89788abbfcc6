// The control room: fed by the site's stream; people, alarms and places are drawn from what the stream last said.
import '../css/map.css';
import '../css/control.css';
import '../css/machines.css';
import { ControlRoom } from '../control/control_room.js';
import { part } from '../viewer/markup.js';

const room = new ControlRoom(JSON.parse(part('page-settings').textContent ?? '{}'));
window.addEventListener('map:init', (event) => room.openMap(/** @type {CustomEvent} */ (event).detail.map));
window.twinwall = room.testHandle();
