// The SQL tab: a statement, its rows, and what there is to ask about.

import { ApiError, getJson, sendJson } from "./api.js";
import { download, make } from "./elements.js";
import { makeTable, rowObjects } from "./table.js";
import { placeOf } from "./lists.js";

const FIRST = "SELECT eclipse, band, leg, n_photons, exposure\nFROM legs ORDER BY eclipse, band, leg";

/** Fill the SQL tab; return {refresh()}. */
export function makeSql(element, archive, options) {
  let control = null;
  let last = null;
  const text = make("textarea", { id: "sql-text", rows: 5, spellcheck: false, value: FIRST, "aria-label": "SQL statement" });
  const run = make("button", { type: "button", id: "sql-run", title: "Ctrl+Enter", on: { click: ask } }, "Run");
  const stop = make("button", { type: "button", id: "sql-stop", hidden: true, on: { click: () => control?.abort() } }, "Stop");
  const csv = make("button", { type: "button", class: "small", hidden: true, on: { click: saveCsv } }, "Rows as CSV");
  const status = make("p", { id: "sql-status", class: "hint", role: "status" }, "Reading only. Rows with ra and dec can be picked.");
  const relations = make("div", { class: "relations" });
  const described = make("details", { id: "sql-describe", on: { toggle: describe } }, make("summary", {}, "What there is to ask: tables, views, macros"), relations);
  element.append(text, make("p", { class: "tools" }, run, stop, csv), status, described);
  const table = makeTable(element, {
    label: "Rows",
    onPick: (row) => {
      const place = placeOf(row);
      if (Number.isFinite(place.ra) && Number.isFinite(place.dec)) options.onPick(place);
    },
  });
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      ask();
    }
  });

  async function ask() {
    if (control) return;
    control = new AbortController();
    run.disabled = true;
    stop.hidden = false;
    const { sql_seconds: seconds } = archive.info?.limits || {};
    status.className = "hint";
    status.textContent = seconds ? `Running, ${seconds} s at most …` : "Running …";
    try {
      last = await sendJson("POST", "api/sql", { sql: text.value }, control.signal);
      show();
    } catch (problem) {
      if (problem.name !== "AbortError" && !(problem instanceof ApiError)) throw problem;
      status.className = "hint wrong";
      status.textContent = problem.name === "AbortError" ? "Stopped." : problem.message;
    } finally {
      control = null;
      run.disabled = false;
      stop.hidden = true;
    }
  }

  function show() {
    const rows = rowObjects(last);
    const columns = last.columns.map((column, i) => ({
      name: column.name,
      title: [column.type, column.comment].filter(Boolean).join(": "),
      number: last.rows.some((row) => typeof row[i] === "number"),
    }));
    table.show(columns, rows);
    csv.hidden = !rows.length;
    const seconds = last.seconds === undefined ? "" : ` in ${last.seconds.toFixed(2)} s`;
    status.textContent = last.truncated
      ? `The first ${rows.length} rows${seconds}: there are more, which are left out.`
      : `${rows.length} ${rows.length === 1 ? "row" : "rows"}${seconds}.`;
  }

  function saveCsv() {
    const quoted = (value) => {
      if (value === null || value === undefined) return "";
      const plain = typeof value === "object" ? JSON.stringify(value) : String(value);
      return /[",\n\r]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
    };
    const lines = [last.columns.map(({ name }) => quoted(name)), ...last.rows.map((row) => row.map(quoted))];
    download(new Blob([lines.map((line) => line.join(",")).join("\n"), "\n"], { type: "text/csv" }), "rows.csv");
  }

  async function describe() {
    if (!described.open || relations.childElementCount) return;
    try {
      const answer = await getJson("api/describe");
      relations.replaceChildren(...answer.relations.map(relation));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      relations.replaceChildren(problem.message);
    }
  }

  function relation({ name, kind, comment, columns }) {
    const insert = make("button", { type: "button", class: "small", title: "Put the name into the statement", on: { click: () => text.setRangeText(name, text.selectionStart, text.selectionEnd, "end") } }, "insert");
    const lines = (columns || []).map((column) => make("li", {}, make("code", {}, column.name), " ", make("span", { class: "dim" }, [column.type, column.comment].filter(Boolean).join(": "))));
    return make("details", {}, make("summary", {}, make("code", {}, name), " ", make("span", { class: "dim" }, kind || "")), make("p", {}, comment || "", " ", insert), make("ul", {}, ...lines));
  }

  return { step: table.step, refresh() {} };
}
