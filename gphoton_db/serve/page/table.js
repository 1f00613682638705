// A table of rows to sort, filter and choose from, by pointer or keys.

import { cell } from "./format.js";
import { makeColumnChoice } from "./columnchoice.js";
import { make, say } from "./elements.js";

const FIRST_ROWS = 200;

/**
 * Return a table in an element: `show(columns, rows)`, `choose(row)`, `step(by)`, `chosen()`.
 *
 * Columns are {name, label, title, text(row) or nothing, number: true where to sort by number};
 * rows are objects by column name.
 * @param options  {label, onPick(row), action: {label, title, call(row), isOn(row)} or nothing}
 */
export function makeTable(element, options) {
  let offered = [];
  let columns = []; // those of them that are shown
  let rows = [];
  let order = null;
  let limit = FIRST_ROWS;
  let chosen = null;
  const choice = makeColumnChoice(draw);
  const head = make("thead");
  const body = make("tbody");
  const more = make("button", { type: "button", class: "more", hidden: true, on: { click: showMore } });
  const filter = make("input", {
    type: "search",
    placeholder: "Filter",
    "aria-label": `Filter ${options.label}`,
    on: { input: () => draw() },
  });
  const note = make("span", { class: "dim" });
  const table = make("table", { "aria-label": options.label }, head, body);
  const tools = make("div", { class: "table-tools", hidden: true }, filter, note, make("span", { class: "push" }), choice.element);
  element.append(
    tools,
    make("div", { class: "scroll" }, table, more),
  );
  body.addEventListener("keydown", onKey);

  function visible() {
    const wanted = filter.value.trim().toLowerCase();
    const found = wanted
      ? rows.filter((row) => columns.some((c) => textOf(c, row).toLowerCase().includes(wanted)))
      : [...rows];
    if (order) found.sort((a, b) => order.sign * compare(a[order.name], b[order.name]));
    return found;
  }

  function draw() {
    columns = offered.filter(({ name }) => choice.isShown(name));
    const found = visible();
    head.replaceChildren(make("tr", {}, ...columns.map(headCell), options.action ? make("th") : null));
    body.replaceChildren(...found.slice(0, limit).map(bodyRow));
    tools.hidden = table.hidden = !rows.length;
    more.hidden = found.length <= limit;
    const left = Math.max(found.length - limit, 0);
    more.textContent = `Show ${Math.min(left, 1000)} more of ${found.length}`;
    note.textContent = rows.length ? (found.length === rows.length ? `${rows.length} ${rows.length === 1 ? "row" : "rows"}` : `${found.length} of ${rows.length} rows`) : "";
  }

  function headCell(column) {
    const sorted = order && order.name === column.name ? (order.sign > 0 ? "ascending" : "descending") : "none";
    const sort = () => {
      order = { name: column.name, sign: sorted === "ascending" ? -1 : 1 };
      draw();
    };
    const arrow = sorted === "none" ? "" : sorted === "ascending" ? " ▲" : " ▼";
    const button = make("button", { type: "button", title: column.title || "", on: { click: sort } }, (column.label || column.name) + arrow);
    return make("th", { "aria-sort": sorted, scope: "col", class: column.number ? "number" : "" }, button);
  }

  function bodyRow(row, index) {
    const cells = columns.map((column) => {
      const text = textOf(column, row);
      return make("td", { class: column.number ? "number" : "", title: text.length > 24 ? text : "" }, text);
    });
    if (options.action) cells.push(make("td", {}, actionButton(row)));
    const line = make("tr", { tabIndex: row === chosen || (!chosen && index === 0) ? 0 : -1, "aria-selected": String(row === chosen) }, ...cells);
    line.row = row;
    line.addEventListener("click", (event) => event.target.closest("button") || pick(row));
    return line;
  }

  function actionButton(row) {
    const { label, title, call, isOn } = options.action;
    return make("button", { type: "button", class: "small", title, "aria-pressed": String(isOn(row)), on: { click: () => call(row) } }, label);
  }

  function showMore() {
    limit += 1000;
    draw();
  }

  function pick(row) {
    choose(row);
    options.onPick(row);
  }

  function choose(row) {
    chosen = row;
    for (const line of body.children) {
      const isChosen = line.row === row;
      line.setAttribute("aria-selected", String(isChosen));
      line.tabIndex = isChosen ? 0 : -1;
      if (isChosen) line.scrollIntoView({ block: "nearest" });
    }
    if (body.children.length && !body.querySelector("[tabindex='0']")) body.children[0].tabIndex = 0;
  }

  function onKey(event) {
    const line = event.target.closest("tr");
    const next = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
    if (next && line[next]) {
      line[next].focus();
      pick(line[next].row);
    } else if (event.key === "Enter" && event.target === line) {
      pick(line.row);
    } else {
      return;
    }
    event.preventDefault();
  }

  return {
    show(newColumns, newRows) {
      offered = newColumns;
      choice.offer(offered);
      rows = newRows;
      limit = FIRST_ROWS;
      if (!rows.includes(chosen)) chosen = null;
      draw();
    },
    redraw: draw,
    choose,
    chosen: () => chosen,
    /** Choose the row after (1) or before (-1) the chosen one. */
    step(by) {
      const found = visible();
      if (!found.length) return;
      const at = found.indexOf(chosen);
      const next = at < 0 ? 0 : Math.max(0, Math.min(found.length - 1, at + by));
      limit = Math.max(limit, next + 1);
      pick(found[next]);
      say(`Row ${next + 1} of ${found.length}`);
    },
  };
}

function textOf(column, row) {
  return column.text ? column.text(row) : cell(row[column.name]);
}

function compare(a, b) {
  if (a === b) return 0;
  if (a === null || a === undefined) return 1;
  if (b === null || b === undefined) return -1;
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/** Return rows as objects, of an answer {columns, rows}; columns are names or {name, ...}. */
export function rowObjects({ columns, rows }) {
  const names = columns.map((column) => (typeof column === "string" ? column : column.name));
  return rows.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]])));
}
