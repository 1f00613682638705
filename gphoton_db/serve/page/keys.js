// Keys that work anywhere on the page but in fields.

import { byId } from "./elements.js";

/** Wire the keys; `actions` maps a key to a function. */
export function makeKeys(actions) {
  const dialog = byId("keys");
  const help = () => (dialog.open ? dialog.close() : dialog.showModal());
  byId("help").addEventListener("click", help);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select") && event.key !== "Escape") return;
    if (dialog.open) return;
    const action = event.key === "?" ? help : actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

/** Wire the tabs: arrows move among them, as a list of tabs does. */
export function makeTabs(state, names, onShow) {
  const tabs = names.map((name) => byId(`tab-${name}`));
  function show() {
    const { tab } = state.get();
    names.forEach((name, i) => {
      const isShown = name === tab;
      tabs[i].setAttribute("aria-selected", String(isShown));
      tabs[i].tabIndex = isShown ? 0 : -1;
      byId(`panel-${name}`).hidden = !isShown;
    });
    onShow(tab);
  }
  tabs.forEach((tab, i) => {
    tab.addEventListener("click", () => state.set({ tab: names[i] }));
    tab.addEventListener("keydown", (event) => {
      const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      if (!by) return;
      const next = (i + by + names.length) % names.length;
      state.set({ tab: names[next] });
      tabs[next].focus();
      event.preventDefault();
      event.stopPropagation();
    });
  });
  state.watch(["tab"], show);
  show();
}
