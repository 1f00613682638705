// The list of visits: one line a leg, both bands together.

import { make } from "./elements.js";
import { count, utc } from "./format.js";
import { makeTable } from "./table.js";

/** Fill the tab of visits; return {refresh()}. */
export function makeVisits(element, state, archive) {
  const all = make("button", { type: "button", class: "small", on: { click: () => state.set({ leg: "" }) } }, "Show all visits");
  const empty = make("p", { class: "empty" });
  const part = make("p", { class: "hint", hidden: true, role: "status" });
  element.append(empty, part, make("p", { class: "tools" }, all));
  const table = makeTable(element, {
    label: "Visits",
    onPick: (row) => state.set({ ra: row.ra, dec: row.dec, fov: Math.min(state.get().fov, 1.6) }),
    action: {
      label: "only",
      title: "Only the photons of this visit",
      call: (row) => state.set({ leg: state.get().leg === row.name ? "" : row.name, t0: null, t1: null }),
      isOn: (row) => state.get().leg === row.name,
    },
  });
  const columns = [
    { name: "name", label: "visit", title: "Eclipse and leg" },
    { name: "bands", label: "bands" },
    { name: "t0", label: "start (UTC)", text: (row) => utc(row.t0).slice(0, 16) },
    { name: "exposure", label: "exp. (s)", title: "Exposure, corrected for dead time", number: true, text: (row) => row.exposure.toFixed(0) },
    { name: "photons", label: "photons", number: true, text: (row) => count(row.photons) },
    { name: "ra", label: "ra (°)", number: true, text: (row) => row.ra.toFixed(3) },
    { name: "dec", label: "dec (°)", number: true, text: (row) => row.dec.toFixed(3) },
  ];

  function refresh() {
    const rows = linesOf(archive.rows);
    empty.hidden = rows.length > 0;
    empty.textContent = emptyInWords(archive.info);
    const before = table.chosen();
    table.show(columns, rows);
    const again = before && rows.find((row) => row.name === before.name);
    if (again) table.choose(again);
    part.hidden = archive.whole;
    const which = archive.truncated ? "Some visits about the view: zoom in for all" : "Visits about the view";
    part.textContent = `${which}. The archive has ${count(archive.info?.visits ?? 0)}.`;
    all.hidden = !state.get().leg;
  }

  state.watch(["leg"], () => {
    all.hidden = !state.get().leg;
    table.redraw();
  });
  return { refresh, step: table.step };
}

function emptyInWords(info) {
  if (!info) return "Reading the archive …";
  if (info.legs) return "No visit is near the view.";
  return "This archive holds no photons yet. Put some in with: gphoton-db ingest ECLIPSE. This page shows them as soon as they are there.";
}

function linesOf(rows) {
  const lines = new Map();
  for (const row of rows) {
    const name = `${row.eclipse}.${row.leg}`;
    const line = lines.get(name);
    if (!line) {
      lines.set(name, { ...row, name, bands: row.band });
    } else {
      line.bands = [line.bands, row.band].sort().reverse().join(" ");
      line.photons += row.photons;
      line.exposure = Math.max(line.exposure, row.exposure);
    }
  }
  return [...lines.values()].sort((a, b) => a.t0 - b.t0);
}
