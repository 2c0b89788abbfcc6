// Mouse, fingers and keys move the camera. A press that does not move is a click and goes to the page.
import { panned, raised, rotated, zoomed } from './orbit.js';

const TURN_PER_PIXEL = 0.0055;
const CLICK_SLACK_PX = 5;

/** @typedef {{x: number, y: number}} Point */

/**
 * @param {HTMLElement} surface receives the events
 * @param {import('./camera.js').SiteCamera} camera
 * @param {{onClick: (x: number, y: number) => void, onHover: (x: number, y: number) => void}} answers
 */
export function steerWithHands(surface, camera, answers) {
  /** @type {Map<number, Point>} */ const fingers = new Map();
  let moved = 0;
  const place = (/** @type {MouseEvent} */ event) => {
    const box = surface.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  surface.addEventListener('contextmenu', (event) => event.preventDefault());
  surface.addEventListener('pointerdown', (event) => {
    surface.setPointerCapture(event.pointerId);
    if (fingers.size === 0) moved = 0;
    fingers.set(event.pointerId, place(event));
  });
  surface.addEventListener('pointermove', (event) => {
    const now = place(event);
    const before = fingers.get(event.pointerId);
    if (!before) return answers.onHover(now.x, now.y);
    const [dx, dy] = [now.x - before.x, now.y - before.y];
    moved += Math.abs(dx) + Math.abs(dy);
    if (moved < CLICK_SLACK_PX) return;
    if (fingers.size === 2) pinch(camera, fingers, event.pointerId, now);
    else if (event.buttons & 2 || event.buttons & 4 || event.shiftKey) {
      camera.steer(panned(camera.orbit, camera.lens, dx, dy));
    } else camera.steer(rotated(camera.orbit, dx * TURN_PER_PIXEL, -dy * TURN_PER_PIXEL));
    fingers.set(event.pointerId, now);
  });
  const lift = (/** @type {PointerEvent} */ event) => {
    const wasDown = fingers.delete(event.pointerId);
    if (wasDown && fingers.size === 0 && moved < CLICK_SLACK_PX && event.type === 'pointerup' && event.button === 0) {
      const { x, y } = place(event);
      answers.onClick(x, y);
    }
  };
  surface.addEventListener('pointerup', lift);
  surface.addEventListener('pointercancel', lift);
  surface.addEventListener(
    'wheel',
    (event) => {
      event.preventDefault();
      const { x, y } = place(event);
      const notches = event.deltaY / (event.deltaMode === 1 ? 3 : 100);
      camera.steer(zoomed(camera.orbit, camera.lens, 1.16 ** Math.max(-4, Math.min(4, notches)), x, y));
    },
    { passive: false },
  );
}

/** @param {import('./camera.js').SiteCamera} camera @param {Map<number, Point>} fingers @param {number} id @param {Point} now */
function pinch(camera, fingers, id, now) {
  const before = /** @type {Point} */ (fingers.get(id));
  const other = [...fingers].find(([key]) => key !== id)?.[1];
  if (!other) return;
  const spread = Math.hypot(before.x - other.x, before.y - other.y) || 1;
  const spreadNow = Math.hypot(now.x - other.x, now.y - other.y) || 1;
  const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
  const closer = zoomed(camera.orbit, camera.lens, spread / spreadNow, middle.x, middle.y);
  camera.steer(panned(closer, camera.lens, (now.x - before.x) / 2, (now.y - before.y) / 2));
}

/** @type {Record<string, (camera: import('./camera.js').SiteCamera) => import('./orbit.js').Orbit>} */
const KEYS = {
  ArrowLeft: ({ orbit }) => rotated(orbit, 0.12, 0),
  ArrowRight: ({ orbit }) => rotated(orbit, -0.12, 0),
  ArrowUp: ({ orbit }) => rotated(orbit, 0, -0.08),
  ArrowDown: ({ orbit }) => rotated(orbit, 0, 0.08),
  'Shift+ArrowLeft': ({ orbit, lens }) => panned(orbit, lens, 40, 0),
  'Shift+ArrowRight': ({ orbit, lens }) => panned(orbit, lens, -40, 0),
  'Shift+ArrowUp': ({ orbit, lens }) => panned(orbit, lens, 0, 40),
  'Shift+ArrowDown': ({ orbit, lens }) => panned(orbit, lens, 0, -40),
  PageUp: ({ orbit }) => raised(orbit, 2),
  PageDown: ({ orbit }) => raised(orbit, -2),
  '+': ({ orbit, lens }) => zoomed(orbit, lens, 0.85, lens.width / 2, lens.height / 2),
  '=': ({ orbit, lens }) => zoomed(orbit, lens, 0.85, lens.width / 2, lens.height / 2),
  '-': ({ orbit, lens }) => zoomed(orbit, lens, 1 / 0.85, lens.width / 2, lens.height / 2),
};

/** Arrow keys turn, with Shift they move; plus and minus zoom; Home goes back. @param {HTMLElement} surface focusable @param {import('./camera.js').SiteCamera} camera */
export function steerWithKeys(surface, camera) {
  surface.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Home') {
      event.preventDefault();
      return camera.fly(camera.home);
    }
    const step = KEYS[event.shiftKey && event.key.startsWith('Arrow') ? `Shift+${event.key}` : event.key];
    if (!step) return;
    event.preventDefault();
    camera.steer(step(camera));
  });
}
