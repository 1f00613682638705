// Which columns of a wide table are shown.

import { make } from "./elements.js";

const SHOWN_AT_FIRST = 12;

/** Return a choice of columns: {element, offer(columns), isShown(name)}; `changed` is called. */
export function makeColumnChoice(changed) {
  const sheet = make("div", { class: "sheet columns" });
  const element = make("details", { class: "menu", hidden: true }, make("summary", {}, "Columns"), sheet);
  let shown = new Set();
  let offered = "";

  function offer(columns) {
    const names = columns.map(({ name }) => name).join(" ");
    element.hidden = columns.length <= SHOWN_AT_FIRST;
    if (names === offered) return;
    offered = names;
    shown = new Set(columns.slice(0, SHOWN_AT_FIRST).map(({ name }) => name));
    sheet.replaceChildren(...columns.map(line));
  }

  function line({ name, title }) {
    const box = make("input", { type: "checkbox", checked: shown.has(name) });
    box.addEventListener("change", () => {
      if (box.checked) shown.add(name);
      else shown.delete(name);
      changed();
    });
    return make("label", { title: title || "" }, box, ` ${name}`);
  }

  document.addEventListener("pointerdown", (event) => {
    if (!element.contains(event.target)) element.open = false;
  });
  return { element, offer, isShown: (name) => shown.has(name) };
}
