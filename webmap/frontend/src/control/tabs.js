// Tabs as WAI-ARIA describes them: one of them is in the tab order, arrows, Home and End go to the others.

/** @param {HTMLElement[]} tabs @param {(number: number) => void} onOpen @returns {(number: number) => void} opens one, as a click does */
export function wireTabs(tabs, onOpen) {
  const open = (/** @type {number} */ number) => {
    tabs.forEach((tab, at) => {
      tab.setAttribute('aria-selected', String(at === number));
      tab.tabIndex = at === number ? 0 : -1;
    });
    onOpen(number);
  };
  tabs.forEach((tab, at) => {
    tab.addEventListener('click', () => open(at));
    tab.addEventListener('keydown', (event) => {
      const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      const number = (to + tabs.length) % tabs.length;
      tabs[number].focus();
      open(number);
    });
  });
  return open;
}
