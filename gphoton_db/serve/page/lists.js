// The tabs of sources and of variables: rows of the archive's tables about the view.

import { ApiError, getJson, newestOnly } from "./api.js";
import { afterPause, make } from "./elements.js";
import { cell, short } from "./format.js";
import { makeTable, rowObjects } from "./table.js";

const LIMIT = 1000;
const WIDEST = 6; // degrees; beyond, the list is of the whole archive
const NOTHING = { columns: [], comments: [], rows: [], truncated: false };
const FIRST_COLUMNS =
  (
    "name source_id object_id source eclipse leg band bands score kind class warnings ra dec " +
    "nuv_mag fuv_mag mag nuv_cps fuv_cps cps flare_p constant_p period period_p n_visits"
  ).split(" ");

/**
 * Fill a tab with a list; return {refresh(), places(), step(by), pickPlace(place)}.
 * @param options  {kinds: [{path, label, query}], label, query: more parameters, missing: what to
 *                  say where there is no such table, onPick(place)}; of several kinds the first
 *                  that the archive has is shown until another is chosen
 */
export function makeList(element, state, archive, options) {
  let places = [];
  let rows = [];
  let asked = "";
  let held = null;
  let kind = options.kinds[0];
  let isKindChosen = false;
  const where = make("input", { type: "checkbox", checked: true, on: { change: chooseWhere } });
  const choice = make("select", { "aria-label": "Which list", on: { change: chooseKind } });
  choice.append(...options.kinds.map(({ path, label }) => make("option", { value: path }, label)));
  choice.hidden = options.kinds.length < 2;
  const note = make("p", { class: "hint", role: "status" });
  element.append(make("p", { class: "tools" }, choice, make("label", {}, where, " only in view")), note);
  const table = makeTable(element, { label: options.label, onPick: pick });
  const load = newestOnly((signal, path, query) => getJson(path, query, signal));

  // The list stays as it is while it is gone through, though the view moves from row to row.
  function pick(row) {
    held = placeOf(row);
    options.onPick(held);
  }

  function chooseWhere() {
    held = null;
    refresh();
  }

  function chooseKind() {
    kind = options.kinds.find(({ path }) => path === choice.value);
    isKindChosen = true;
    held = null;
    refresh();
  }

  function queryNow() {
    const { ra, dec, fov, band } = state.get();
    const here = where.checked && fov <= WIDEST;
    const shown = options.withBand && band !== "BOTH" ? { band } : {};
    const round = (value) => Number(value.toFixed(3));
    const place = here ? { ra: round(ra), dec: round(dec), radius: Math.ceil(fov * 0.6 * 3600) } : {};
    return { ...options.query, ...kind.query, ...shown, ...place, limit: LIMIT };
  }

  const has = ({ path }) => archive.info.has?.[path.split("/").at(-1)] !== false;

  function chooseFirst() {
    if (isKindChosen) return;
    kind = options.kinds.find(has) || options.kinds[0];
    choice.value = kind.path;
  }

  async function refresh() {
    if (element.hidden || !archive.info) return;
    const now = state.get();
    if (held && now.ra === held.ra && now.dec === held.dec && rows.length) return;
    held = null;
    chooseFirst();
    if (!has(kind)) {
      show(NOTHING);
      note.textContent = options.missing;
      asked = "";
      return;
    }
    const query = queryNow();
    const key = JSON.stringify([kind.path, query, archive.info.generation]);
    if (key === asked) return;
    asked = key;
    note.textContent = "Reading …";
    try {
      const answer = await load(kind.path, query);
      show(answer);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      show(NOTHING);
      note.textContent = problem.status === 404 ? options.missing : problem.message;
      if (problem.status !== 404) asked = "";
    }
  }

  function show(answer) {
    const before = table.chosen();
    rows = rowObjects(answer);
    places = rows.map(placeOf).filter((place) => Number.isFinite(place.ra) && Number.isFinite(place.dec));
    table.show(columnsOf(answer), rows);
    const again = before && rows.find((row) => row.ra === before.ra && row.dec === before.dec);
    if (again) table.choose(again);
    note.textContent = answer.truncated ? `Only the first ${rows.length}: zoom in for all.` : rows.length ? "" : "None here.";
    options.onPlaces();
  }

  const later = afterPause(refresh, 350);
  state.watch(["ra", "dec", "fov", "band", "tab"], later);
  return {
    refresh,
    places: () => places,
    step: table.step,
    /** Choose a place that was picked on the sky. */
    pickPlace: (place) => table.choose(place.row),
  };
}

function columnsOf({ columns, comments, rows }) {
  const named = columns.map((name, i) => ({ name, comment: comments[i] }));
  const rank = ({ name }) => (FIRST_COLUMNS.indexOf(name) + FIRST_COLUMNS.length + 1) % (FIRST_COLUMNS.length + 1);
  return named
    .map((column, i) => ({
      name: column.name,
      title: column.comment || "",
      number: rows.some((row) => typeof row[i] === "number"),
      text: (row) => textOf(column.name, row[column.name]),
    }))
    .sort((a, b) => rank(a) - rank(b));
}

function textOf(name, value) {
  if (typeof value !== "number" || Number.isInteger(value)) return cell(value);
  return name === "ra" || name === "dec" ? value.toFixed(5) : short(value, 5);
}

/** Return the place of a row: {ra, dec, label, row}. */
export function placeOf(row) {
  const find = (...names) => names.map((name) => row[name]).find((value) => value !== undefined && value !== null);
  const number = find("name", "source_id", "object_id", "catalogue_id", "source", "id");
  return { ra: Number(find("ra", "ra_deg") ?? NaN), dec: Number(find("dec", "dec_deg") ?? NaN), label: number === undefined ? "" : String(number), row };
}
