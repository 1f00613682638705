// The page: its parts made and joined.

import { ApiError, getBytes, onConnection } from "./api.js";
import { makeArchive, nearestRow } from "./archive.js";
import { makeControls, makeSplitter, makeTheme } from "./controls.js";
import { makeCoverage } from "./coverage.js";
import { coloursOn, makeDrawing } from "./drawing.js";
import { afterPause, byId, say } from "./elements.js";
import { angle, degrees, hours, short } from "./format.js";
import { makeGoTo, parseLine } from "./goto.js";
import { makeKeys, makeTabs } from "./keys.js";
import { UNITS, bandsOf, layersOf } from "./layers.js";
import { makeList } from "./lists.js";
import { vectorOf } from "./healpix.js";
import { nearest } from "./marks.js";
import { fillVisits, makeMeasure, placeAt } from "./measure.js";
import { positionAt } from "./projection.js";
import { WIDEST_IMAGE, makeSky, zoom } from "./sky.js";
import { makeSql } from "./sql.js";
import { DEFAULTS, keepAddress, makeState, parseFragment } from "./state.js";
import { makeTakeaway } from "./takeaway.js";
import { makeTargets } from "./targets.js";
import { makeTiles, tileValues } from "./tiles.js";
import { makeTimespan } from "./timespan.js";
import { makeVisits } from "./visits.js";

const begun = parseFragment(window.location.hash);
const state = makeState(begun);
const archive = makeArchive();
const history = keepAddress(state, home);
makeTheme(() => {
  sky.request();
  measure.redraw();
});
const controls = makeControls(state);
makeSplitter();

const store = makeTiles(
  async (query, signal) => {
    const bytes = await getBytes("api/tile", query, signal);
    return bytes && tileValues(bytes);
  },
  () => (store.pending() ? drawSoon() : sky.request()),
);

// While tiles come, a frame now and then: each takes as long as some tiles.
let drawing = 0;
function drawSoon() {
  drawing ||= window.setTimeout(() => {
    drawing = 0;
    sky.request();
  }, 300);
}

const measure = makeMeasure(() => window.uPlot, state, archive);
byId("chart-library").addEventListener("load", () => measure.redraw());
const redraw = () => sky.request();
const coverage = makeCoverage(state, archive, redraw);
const sources = makeList(byId("panel-sources"), state, archive, {
  kinds: [
    { path: "api/catalogue", label: "Catalogue: each source once" },
    { path: "api/sources", label: "Detections in images, by band", query: { catalog: "detected" } },
  ],
  label: "Sources",
  withBand: true,
  query: { columns: "single" },
  missing: "This archive has no such list yet: gphoton-db catalogue ECLIPSE makes it.",
  onPick: goToPlace,
  onPlaces: redraw,
});
const variables = makeList(byId("panel-variables"), state, archive, {
  kinds: [{ path: "api/variables", label: "Variables" }],
  label: "Variables",
  withBand: true,
  query: { order: "score", columns: "single" },
  missing: "This archive has no table of variables yet: gphoton-db variables ECLIPSE makes it.",
  onPick: goToPlace,
  onPlaces: redraw,
});
const targets = makeTargets(byId("panel-targets"), { onPick: goToPlace, onPlaces: redraw, parse: parseLine });
const visits = makeVisits(byId("panel-visits"), state, archive);
const sql = makeSql(byId("panel-sql"), archive, { onPick: goToPlace });
const lists = { visits, sources, variables, targets, sql };

const sky = makeSky({
  image: byId("sky-image"),
  over: byId("sky"),
  state,
  store,
  layers: () => layersOf(state.get(), archive),
  drawOver: makeDrawing(state, archive, { sources: placesShown, targets: () => targets.places() }, coverage),
  onLimits: (limits) => controls.showLimits(limits[bandsOf(state.get().band)[0]]),
  blank: (now, isPicture) => coloursOn(now, isPicture).blank,
  onClick: clickSky,
  onMove: readSky,
});
const timespan = makeTimespan(state, spanOf, () => sky.settled());
makeTakeaway(state);
makeGoTo(() => targets.places().map(({ label }) => label), goToPlace, note);
makeTabs(state, Object.keys(lists), (tab) => {
  lists[tab].refresh();
  sky.request();
});

function placesShown() {
  return state.get().tab === "variables" ? variables.places() : sources.places();
}

/** Centre a place and measure it. */
function goToPlace({ ra, dec, label }) {
  if (!Number.isFinite(ra) || !Number.isFinite(dec)) return;
  history.leaveStep();
  const { fov } = state.get();
  state.set({ ra, dec, at: `${ra},${dec}`, src: label || "", fov: Math.min(fov, 0.5) });
}

function clickSky(x, y) {
  const view = sky.view();
  if (view.fov > WIDEST_IMAGE) {
    const leg = nearest(view, archive.drawn[bandsOf(state.get().band)[0]], x, y, 40);
    history.leaveStep();
    if (leg) state.set({ ra: leg.ra, dec: leg.dec, fov: wholeVisit() });
    else zoom(state, view, 0.5, x, y);
    return;
  }
  const target = nearest(view, targets.places(), x, y);
  const source = nearest(view, placesShown(), x, y);
  const place = target || source;
  if (source && !target) (state.get().tab === "variables" ? variables : sources).pickPlace(source);
  const position = place ? [place.ra, place.dec] : positionAt(view, x, y);
  if (!position) return;
  const at = place ? position : position.map((each) => Number(each.toFixed(6)));
  state.set({ at: at.join(","), src: place ? place.label : "" });
}

function readSky(x, y) {
  const view = sky.view();
  const at = x < 0 ? null : positionAt(view, x, y);
  if (!at) {
    byId("read-out").textContent = "";
    return;
  }
  const { band, plane } = state.get();
  const shown = view.fov <= WIDEST_IMAGE ? bandsOf(band) : [];
  const values = shown.map((each) => `${each} ${short(sky.valueAt(each, x, y), 3)}`);
  const unit = shown.length ? `  ${UNITS[plane]}` : "";
  byId("read-out").textContent = `${hours(at[0])} ${degrees(at[1])}   ${at[0].toFixed(5)} ${at[1].toFixed(5)}   ${values.join("  ")}${unit}`;
}

function spanOf(t) {
  const row = archive.rows.find((each) => t >= each.t0 - 1 && t < each.t1 + 1);
  return row ? [row.t0, row.t1] : null;
}

function note(text) {
  byId("sky-note").textContent = text;
  byId("sky-note").title = text;
}

function noteSky() {
  const { fov } = state.get();
  const pending = store.pending();
  const problem = store.problem();
  if (archive.info && !archive.info.legs) note("This archive holds no photons yet: gphoton-db ingest puts some in.");
  else if (fov > WIDEST_IMAGE) note(outlinesInWords());
  else if (problem) note(problem);
  else note(pending ? `Loading ${pending} tiles …` : "");
}

function outlinesInWords() {
  const few = archive.truncated ? "Some of the visits" : "Outlines of visits";
  return `${few}; photons are drawn below ${WIDEST_IMAGE}°. Click on one.`;
}

// The field that holds a visit, from edge to edge, whatever the shape of the canvas.
function wholeVisit() {
  const { clientWidth, clientHeight } = byId("sky");
  return 1.32 * Math.max(1, clientWidth / Math.max(1, clientHeight));
}

// Where the page begins: the visit with most photons, or the whole of an empty sky.
function home() {
  const begin = archive.info?.begin;
  return begin ? { ...begin, fov: wholeVisit() } : { fov: 125 };
}

// The visit that is nearest to the middle of the view.
function zoomVisit() {
  const now = state.get();
  const known = archive.legsIn(bandsOf(now.band)[0], now.leg);
  const near = nearestRow(known.length ? known : archive.rows, vectorOf(now.ra, now.dec)) || archive.info?.begin;
  if (near) state.set({ ra: near.ra, dec: near.dec, fov: wholeVisit() });
}

const zoomBy = (factor) => () => zoom(state, sky.view(), factor);
const zoomSky = () => state.set({ fov: 125 });
const keepTarget = () => {
  const at = placeAt(state.get());
  if (at) targets.keep({ ra: at[0], dec: at[1], label: state.get().src });
};
const stepList = (by) => () => lists[state.get().tab].step(by);
byId("zoom-in").addEventListener("click", zoomBy(1 / 1.6));
byId("zoom-out").addEventListener("click", zoomBy(1.6));
byId("zoom-visit").addEventListener("click", zoomVisit);
byId("zoom-sky").addEventListener("click", zoomSky);
byId("keep-target").addEventListener("click", keepTarget);
makeKeys({
  1: () => state.set({ band: "NUV" }),
  2: () => state.set({ band: "FUV" }),
  3: () => state.set({ band: "BOTH" }),
  0: zoomVisit,
  a: zoomSky,
  ",": () => timespan.shift(-1),
  ".": () => timespan.shift(1),
  Escape: () => timespan.clear(),
  "[": stepList(-1),
  "]": stepList(1),
  t: keepTarget,
  g: () => byId("go-text").focus(),
});

onConnection((how) => {
  const banner = byId("banner");
  banner.hidden = how === "yes";
  banner.textContent =
    how === "locked"
      ? "The server was started anew and has a new key: open the address that gphoton-db serve printed. The view stays in this page's address."
      : "The server does not answer. The page goes on as soon as it is back.";
  if (how === "yes") {
    load();
    targets.refresh();
  }
});

const describeView = afterPause(() => {
  const { ra, dec, fov, band } = state.get();
  byId("sky").setAttribute("aria-label", `The sky at ${hours(ra, 0)} ${degrees(dec, 0)}, ${angle(fov)} wide, ${band}`);
}, 300);
state.watch(["ra", "dec", "fov", "band"], describeView);

const lookAround = afterPause(() => {
  const { ra, dec, fov } = state.get();
  archive.lookAt(ra, dec, fov);
}, 300);
state.watch(["ra", "dec", "fov"], lookAround);

archive.watch(() => {
  byId("archive-name").textContent = archive.info.archive.split("/").at(-1);
  if (!("ra" in begun) && placeAt(state.get()) === null && !archive.begun) {
    archive.begun = true;
    state.set(home());
  }
  lookAround();
  coverage.refresh();
  fillVisits(state, archive.rows);
  Object.values(lists).forEach((list) => list !== targets && list.refresh());
  measure.refresh();
  sky.request();
});

async function load() {
  try {
    await archive.load();
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    note(problem.message);
  }
}

// For the console, and for tests of the page.
let isReady = false;
window.gphoton = {
  state,
  archive,
  sky,
  store,
  measure,
  coverage,
  targets,
  home: () => state.set({ ...DEFAULTS, ...home() }),
  settled: () => isReady && sky.settled() && !measure.busy(),
};

window.setInterval(noteSky, 200);
await Promise.all([load(), targets.refresh()]);
archive.poll();
isReady = true;
say("The page is ready.");
