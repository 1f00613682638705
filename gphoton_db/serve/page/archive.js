// What the archive holds: its legs and their outlines, and word of every commit.

import { ApiError, getJson } from "./api.js";
import { angleBetween, vectorOf } from "./healpix.js";
import { legsOf } from "./marks.js";

const POLL_MS = 5000;
const MOST_VISITS = 2000; // known at a time; of a larger archive those about the view
const WIDEST_OUTLINES = 20; // degrees; of visits of more sky circles are drawn
const WHOLE = 180;

/**
 * Return the archive behind the page: `info`, `rows` (a band of a leg each), `whole` (whether they
 * are all), `truncated` (whether some about the view are missing), `drawn` (outlines to draw, by
 * band), `about()` (what is asked of the server for the same visits), `load()`, `lookAt(ra, dec, fov)`, `poll()`, `watch(call)`.
 */
export function makeArchive() {
  const watchers = [];
  let about = { vector: vectorOf(0, 0), radius: WHOLE, query: {} }; // what `rows` are of
  let looking = 0; // counts what is asked, for the newest answer to win
  let outlines = {}; // by band and name
  const archive = {
    info: null,
    rows: [],
    whole: true,
    truncated: false,
    drawn: { NUV: [], FUV: [] },
    watch: (call) => watchers.push(call),
    load,
    lookAt,
    poll,
    about: () => about.query,
    legsIn: (band, leg) => legsIn(archive.rows, band, leg),
    nameOf: (row) => `${row.eclipse}.${row.leg}`,
  };

  async function load() {
    const info = getJson("api/info");
    await loadRows(about.query, async () => {
      archive.info = await info;
    });
  }

  // `first` is waited for as well: all is asked for at once.
  async function loadRows(query, first = async () => {}) {
    looking += 1;
    const mine = looking;
    const [{ legs, truncated }] = await Promise.all([getJson("api/legs", { ...query, limit: MOST_VISITS }), first()]);
    if (mine !== looking) return;
    archive.truncated = truncated;
    archive.whole = !truncated && about.radius >= WHOLE;
    archive.rows = legs.map((row) => ({ ...row, vector: vectorOf(row.ra, row.dec) }));
    draw();
    if (archive.whole || about.radius <= WIDEST_OUTLINES) await loadOutlines(query, mine);
  }

  async function loadOutlines(query, mine) {
    const bands = ["NUV", "FUV"].filter((band) => archive.rows.some((row) => row.band === band));
    await Promise.all(bands.map((band) => loadOutlinesOf(band, query, mine)));
  }

  async function loadOutlinesOf(band, query, mine) {
    try {
      const { legs } = await getJson("api/coverage", { band, ...query, limit: MOST_VISITS });
      if (mine !== looking) return;
      outlines[band] = new Map(legs.map((leg) => [`${leg.eclipse}.${leg.leg}`, leg.outline]));
      draw();
    } catch (problem) {
      // Circles are drawn in their place; a lost server is told elsewhere.
      if (!(problem instanceof ApiError)) throw problem;
    }
  }

  function draw() {
    for (const band of ["NUV", "FUV"]) {
      const rows = archive.rows.filter((row) => row.band === band);
      archive.drawn[band] = legsOf(rows, outlines[band] || new Map());
    }
    watchers.forEach((call) => call(archive));
  }

  // Load what is about the view, unless it is known: more than is seen, for the view moves on.
  async function lookAt(ra, dec, fov) {
    if (!archive.info || archive.whole) return;
    const vector = vectorOf(ra, dec);
    const inside = angleBetween(vector, about.vector) + 0.8 * fov <= about.radius || about.radius >= WHOLE;
    if (inside && (!archive.truncated || 4 * fov > about.radius)) return;
    const radius = Math.min(WHOLE, 2 * fov);
    const query = radius < WHOLE ? { ra, dec, radius: Math.ceil(3600 * radius) } : {};
    about = { vector, radius, query };
    try {
      await loadRows(query);
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
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

/** Return the row that is nearest to a direction, or null where there is none. */
export function nearestRow(rows, vector) {
  const far = (row) => angleBetween(vector, row.vector);
  return rows.reduce((best, row) => (best === null || far(row) < far(best) ? row : best), null);
}
