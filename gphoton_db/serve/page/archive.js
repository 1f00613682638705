// What the archive holds: its legs and their outlines, and word of every commit.

import { ApiError, getJson } from "./api.js";
import { legsOf } from "./marks.js";
import { vectorOf } from "./healpix.js";

const POLL_MS = 5000;
const MOST_OUTLINES = 4000;

/**
 * Return the archive behind the page: `info`, `rows` (a band of a leg each), `legs` (outlines to
 * draw, by band), `load()`, `poll()`, `watch(call)`.
 */
export function makeArchive() {
  const watchers = [];
  const archive = {
    info: null,
    rows: [],
    outlines: { NUV: new Map(), FUV: new Map() },
    drawn: { NUV: [], FUV: [] },
    watch: (call) => watchers.push(call),
    load,
    poll,
    legsIn: (band, leg) => legsIn(archive.rows, band, leg),
    nameOf: (row) => `${row.eclipse}.${row.leg}`,
  };

  async function load() {
    const info = await getJson("api/info");
    const rows = await getJson("api/legs");
    archive.info = info;
    archive.rows = rows.map((row) => ({ ...row, vector: vectorOf(row.ra, row.dec) }));
    drawOutlines();
    watchers.forEach((call) => call(archive));
    await loadOutlines();
  }

  async function loadOutlines() {
    for (const band of ["NUV", "FUV"]) {
      const rows = archive.rows.filter((row) => row.band === band);
      if (!rows.length || rows.length > MOST_OUTLINES) continue;
      try {
        const { legs } = await getJson("api/coverage", { band });
        archive.outlines[band] = new Map(legs.map((leg) => [`${leg.eclipse}.${leg.leg}`, leg.outline]));
      } catch (problem) {
        // Circles are drawn in their place; a lost server is told elsewhere.
        if (!(problem instanceof ApiError)) throw problem;
      }
    }
    drawOutlines();
    watchers.forEach((call) => call(archive));
  }

  function drawOutlines() {
    for (const band of ["NUV", "FUV"]) {
      const rows = archive.rows.filter((row) => row.band === band);
      archive.drawn[band] = legsOf(rows, archive.outlines[band]);
    }
  }

  // Ask for the generation now and then; load again when anything was committed.
  function poll() {
    window.setTimeout(async () => {
      try {
        const info = await getJson("api/info");
        if (!archive.info || info.generation !== archive.info.generation) await load();
      } catch (problem) {
        if (!(problem instanceof ApiError)) throw problem;
      } finally {
        poll();
      }
    }, POLL_MS);
  }

  return archive;
}

function legsIn(rows, band, leg) {
  return rows.filter((row) => row.band === band && (!leg || `${row.eclipse}.${row.leg}` === leg));
}

/** Return the place to begin at: the leg with most photons, or null where there is none. */
export function firstPlace(rows) {
  if (!rows.length) return null;
  const best = rows.reduce((most, row) => (row.photons > most.photons ? row : most));
  return { ra: best.ra, dec: best.dec, band: best.band };
}
