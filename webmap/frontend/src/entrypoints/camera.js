// One camera's live picture.
import '../css/control.css';
import { LivePicture } from '../control/live_picture.js';
import { part } from '../viewer/markup.js';

const place = part('picture');
const picture = new LivePicture(place, place.dataset.look ?? '', place.dataset.name ?? '', (playing) => (part('snapshot').hidden = !playing));
window.twinwall = { state: () => picture.state, text: () => picture.text.textContent, played_s: () => picture.video.currentTime, width: () => picture.video.videoWidth };
