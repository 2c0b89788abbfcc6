// Time left until a deadline, or time since it passed, by the server's clock.

const DAY = 86_400;

/**
 * Returns a duration in words of its two largest units, such as "2 d 3 h" or "4 min 09 s".
 * @param {number} seconds not negative
 */
export function durationWords(seconds) {
  const whole = Math.floor(seconds);
  const days = Math.floor(whole / DAY);
  const hours = Math.floor((whole % DAY) / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  if (days) return interpolate(gettext('%(days)s d %(hours)s h'), { days, hours }, true);
  if (hours) return interpolate(gettext('%(hours)s h %(minutes)s min'), { hours, minutes }, true);
  const rest = String(whole % 60).padStart(2, '0');
  return interpolate(gettext('%(minutes)s min %(seconds)s s'), { minutes, seconds: rest }, true);
}

/**
 * Keeps the countdowns of a part of the page going; calls `onDue` once for each deadline that passes meanwhile.
 * @param {ParentNode} root @param {() => void} onDue
 * @returns {() => void} stops them
 */
export function runCountdowns(root, onDue) {
  const elements = /** @type {HTMLElement[]} */ ([...root.querySelectorAll('[data-countdown]')]);
  const rows = elements.map((element) => ({
    element,
    due: Date.parse(element.dataset.countdown ?? ''),
    offset: Date.parse(element.dataset.now ?? '') - Date.now(),
  }));
  const wasLate = new Set(rows.filter((row) => row.due <= Date.now() + row.offset).map((row) => row.element));

  function tick() {
    for (const { element, due, offset } of rows) {
      const left = (due - Date.now() - offset) / 1000;
      element.toggleAttribute('data-late', left <= 0);
      element.textContent =
        left > 0
          ? interpolate(gettext('%(time)s left'), { time: durationWords(left) }, true)
          : interpolate(gettext('late by %(time)s'), { time: durationWords(-left) }, true);
      if (left <= 0 && !wasLate.has(element)) {
        wasLate.add(element);
        onDue();
      }
    }
  }
  tick();
  const timer = setInterval(tick, 1000);
  return () => clearInterval(timer);
}
