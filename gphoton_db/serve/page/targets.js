// Targets with notes and verdicts, kept by the server; previous and next by the arrow keys.

import { ApiError, getJson, sendJson } from "./api.js";
import { afterPause, download, make, say } from "./elements.js";
import { degrees, hours } from "./format.js";

const VERDICTS = ["", "flare", "variable", "constant", "artefact", "unsure"];

/** Fill the tab of targets; return {refresh(), places(), step(by), keep(place)}. */
export function makeTargets(element, options) {
  let notes = [];
  let chosen = "";
  const list = make("ul", { class: "targets", role: "listbox", "aria-label": "Targets", tabIndex: 0 });
  const status = make("p", { class: "hint", role: "status" });
  const hint = make("p", { class: "empty" }, "No targets yet. Click on the sky, then Keep (or the key t); or paste a list of positions.");
  const paste = make("textarea", { rows: 3, placeholder: "One a line: ra dec label", "aria-label": "Positions to add, one a line" });
  const add = make("button", { type: "button", class: "small", on: { click: addPasted } }, "Add these");
  const save = make("button", { type: "button", class: "small", on: { click: saveList } }, "List as CSV");
  const pasted = make("details", {}, make("summary", {}, "Add a list"), paste, add);
  element.append(make("div", { class: "scroll" }, hint, list, status, pasted, save));
  list.addEventListener("keydown", (event) => {
    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (!by || event.target.matches("textarea, select, input")) return;
    event.preventDefault();
    step(by);
  });

  async function refresh() {
    try {
      const answer = await getJson("api/notes");
      notes = [...(answer.notes || answer)].sort((a, b) => (a.position_in_list ?? 0) - (b.position_in_list ?? 0));
      draw();
    } catch (problem) {
      tell(problem);
    }
  }

  function tell(problem) {
    if (!(problem instanceof ApiError)) throw problem;
    status.textContent = problem.message;
  }

  function draw() {
    // What is being written in is left alone.
    if (list.contains(document.activeElement) && document.activeElement.matches("textarea")) return;
    list.replaceChildren(...notes.map(line));
    hint.hidden = notes.length > 0;
    save.hidden = !notes.length;
    options.onPlaces();
  }

  function line(note) {
    const text = make("textarea", { rows: 1, value: note.note || "", placeholder: "Notes", "aria-label": `Notes on ${note.label}` });
    const change = afterPause(() => put({ ...byId(note.id), note: text.value }), 500);
    text.addEventListener("input", change);
    const verdict = make("select", { "aria-label": `Verdict on ${note.label}`, on: { change: () => put({ ...byId(note.id), verdict: verdict.value }) } });
    verdict.append(...VERDICTS.map((each) => make("option", { value: each, selected: each === (note.verdict || "") }, each || "no verdict")));
    const remove = make("button", { type: "button", class: "small", title: "Remove", "aria-label": `Remove ${note.label}`, on: { click: () => drop(note) } }, "✕");
    const place = make("span", { class: "dim" }, `${hours(note.ra, 1)} ${degrees(note.dec, 0)}`);
    const head = make("button", { type: "button", class: "target-name", on: { click: () => pick(note) } }, make("b", {}, note.label), " ", place);
    const item = make("li", { role: "option", "aria-selected": String(note.id === chosen) }, make("div", { class: "row" }, head, verdict, remove), text);
    item.dataset.id = note.id;
    return item;
  }

  function byId(id) {
    return notes.find((note) => note.id === id);
  }

  function pick(note) {
    chosen = note.id;
    for (const item of list.children) {
      const isChosen = item.dataset.id === chosen;
      item.setAttribute("aria-selected", String(isChosen));
      if (isChosen) item.scrollIntoView({ block: "nearest" });
    }
    options.onPick({ ra: note.ra, dec: note.dec, label: note.label, note });
  }

  function step(by) {
    if (!notes.length) return;
    const at = notes.findIndex((note) => note.id === chosen);
    const next = at < 0 ? 0 : Math.max(0, Math.min(notes.length - 1, at + by));
    pick(notes[next]);
    say(`Target ${next + 1} of ${notes.length}: ${notes[next].label}`);
  }

  // A note changed in another tab meanwhile: theirs is shown, ours is said to be refused.
  async function put(note) {
    const { id, ...body } = note;
    try {
      const stored = await sendJson("PUT", `api/notes/${encodeURIComponent(id)}`, body);
      notes = notes.map((each) => (each.id === id ? { ...note, ...stored } : each));
      status.textContent = "Saved.";
      options.onPlaces();
    } catch (problem) {
      if (problem.status === 409) await refresh();
      tell(problem);
    }
  }

  async function keep(place) {
    const id = newId(place);
    const known = notes.find((note) => note.id === id);
    if (known) {
      pick(known);
      return;
    }
    const last = notes.at(-1);
    const body = { ra: place.ra, dec: place.dec, label: place.label || nameAt(place), note: "", verdict: "", position_in_list: (last?.position_in_list ?? 0) + 1, version: 0 };
    notes.push({ id, ...body });
    await put({ id, ...body });
    chosen = id;
    draw();
  }

  async function drop(note) {
    try {
      await sendJson("DELETE", `api/notes/${encodeURIComponent(note.id)}?version=${byId(note.id)?.version ?? ""}`);
      await refresh();
    } catch (problem) {
      tell(problem);
    }
  }

  async function addPasted() {
    const lines = paste.value.split("\n").filter((each) => each.trim());
    const refused = [];
    for (const each of lines) {
      const place = options.parse(each);
      if (place) await keep(place);
      else refused.push(each);
    }
    paste.value = refused.join("\n");
    status.textContent = refused.length ? `${refused.length} lines are no positions: they stay above.` : `${lines.length} added.`;
  }

  function saveList() {
    const quoted = (text) => `"${String(text ?? "").replaceAll('"', '""')}"`;
    const lines = notes.map((n) => [n.ra, n.dec, quoted(n.label), quoted(n.verdict), quoted(n.note)].join(","));
    download(new Blob([["ra,dec,label,verdict,note", ...lines].join("\n"), "\n"], { type: "text/csv" }), "targets.csv");
  }

  return { refresh, step, keep, places: () => notes };
}

function newId(place) {
  return `p${place.ra.toFixed(5)}${place.dec < 0 ? "m" : "p"}${Math.abs(place.dec).toFixed(5)}`.replaceAll(".", "_");
}

function nameAt(place) {
  return `J${hours(place.ra, 1).replaceAll(":", "")}${degrees(place.dec, 0).replaceAll(":", "")}`;
}
