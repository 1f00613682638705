// The light curve at the chosen position: what is asked of the server, and the panel it fills.

import { ApiError, getJson, newestOnly } from "./api.js";
import { CURVE_COLOURS, drawCurves } from "./curve.js";
import { overMean } from "./curvebins.js";
import { afterPause, byId, say } from "./elements.js";
import { degrees, hours, short, utc } from "./format.js";
import { angleBetween, vectorOf } from "./healpix.js";

/** Return [ra, dec] of the state's `at`, or null. */
export function placeAt(state) {
  const parts = state.at.split(",").map(Number);
  return state.at && parts.length === 2 && parts.every(Number.isFinite) ? parts : null;
}

/** Return [inner, outer] of the state's annulus, or null. */
export function annulusOf(state) {
  const parts = state.annulus.split(",").map(Number);
  return parts.length === 2 && parts[1] > parts[0] && parts[0] >= 0 ? parts : null;
}

/** Return the parameters of the light curve of a state. */
export function curveQuery(state) {
  const at = placeAt(state);
  const { radius, annulus, step, leg } = state;
  return { ra: at[0], dec: at[1], radius, annulus: annulusOf(state) ? annulus : "", step, leg, bands: "NUV,FUV" };
}

/**
 * Wire the panel; return {refresh(), curves(), chart(), busy(), redraw()}.
 * @param chartLibrary()  uPlot, once it is there; what was measured before is drawn by redraw()
 */
export function makeMeasure(chartLibrary, state, archive) {
  const element = byId("curve");
  const note = byId("curve-note");
  const load = newestOnly((signal, query) => getJson("api/lightcurve", query, signal));
  let curves = null;
  let drawn = null;
  let busy = false;
  let due = false; // what is asked for has changed, and is not asked yet
  let asked = "";
  let summary = "";

  async function refresh() {
    due = false;
    const now = state.get();
    showPlace(now);
    if (!placeAt(now)) {
      clear("Click on the sky: the light curve of both bands is measured from the photons there.");
      return;
    }
    if (archive.info && archive.whole && !isSeen(archive.rows, placeAt(now), now.leg)) {
      clear(now.leg ? `Visit ${now.leg} did not see this position.` : "No visit of this archive saw this position.");
      return;
    }
    const query = curveQuery(now);
    const key = JSON.stringify([query, archive.info?.generation]);
    if (key === asked) return;
    asked = key;
    busy = true;
    note.textContent = "Measuring …";
    try {
      const answer = await load(query);
      curves = annulusOf(state.get()) ? withoutBackground(answer.bands) : answer.bands;
      draw();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      clear(problem.message);
      asked = "";
    } finally {
      if (key === asked || !asked) busy = false;
    }
  }

  function clear(text) {
    drawn?.destroy();
    drawn = null;
    curves = null;
    asked = "";
    element.replaceChildren();
    note.textContent = text;
  }

  function draw() {
    if (!curves || !chartLibrary()) return;
    drawn?.destroy();
    drawn = null;
    summary = summaryOf(curves);
    note.textContent = summary;
    say(summary);
    if (!Object.values(curves).flat().some((leg) => leg.t0.length)) {
      element.replaceChildren();
      note.textContent = "No photons of this archive were seen there.";
      return;
    }
    const { t0, t1, norm } = state.get();
    const isRelative = norm === "mean";
    drawn = drawCurves(chartLibrary(), element, isRelative ? overMean(curves) : curves, {
      ...sizeOf(element),
      colours: CURVE_COLOURS[document.documentElement.dataset.theme],
      selected: t0 === null ? null : [t0, t1],
      fromZero: !isRelative,
      rateName: isRelative ? "rate / mean" : annulusOf(state.get()) ? "photons / s, less sky" : "photons / s",
      nameOf: (piece) => `${piece.name}  ${utc(piece.t0)}`,
      onSelect: (from, to) => state.set({ t0: Number(from.toFixed(3)), t1: Number(to.toFixed(3)) }),
      onHover: (found) => {
        note.textContent = found ? readOut(found) : summary;
        note.className = found ? "one-line" : "";
      },
    });
  }

  // The chart stays the same one: it may be dragged over just now.
  function resize() {
    if (drawn) drawn.chart.setSize(sizeOf(element));
    else draw();
  }

  function showNorm() {
    byId("relative").setAttribute("aria-pressed", String(state.get().norm === "mean"));
  }

  function readOut({ band, bin }) {
    const isOver = state.get().norm === "mean";
    const flagged = bin.flags ? `, flags ${bin.flags}` : "";
    const middle = (bin.t0 + bin.t1) / 2;
    return `${band} ${bin.eclipse}.${bin.leg}  ${utc(middle)} UTC  (${bin.t0.toFixed(1)} to ${bin.t1.toFixed(1)})  ${short(bin.rate)} ± ${short(bin.error, 2)}${isOver ? " of the mean" : " photons/s"}${flagged}`;
  }

  wireForm(state);
  const later = afterPause(refresh, 60);
  state.watch(["at", "src", "radius", "annulus", "step", "leg"], () => {
    due = true;
    later();
  });
  state.watch(["t0", "t1"], ({ t0, t1 }) => drawn?.select(t0 === null ? null : [t0, t1]));
  state.watch(["norm"], draw);
  state.watch(["norm"], showNorm);
  byId("relative").addEventListener("click", () => state.set({ norm: state.get().norm === "mean" ? "rate" : "mean" }));
  showNorm();
  new ResizeObserver(afterPause(resize, 60)).observe(element);

  return {
    refresh,
    redraw: draw,
    curves: () => curves,
    chart: () => drawn,
    busy: () => busy || due,
  };
}

function sizeOf(element) {
  const { width, height } = element.getBoundingClientRect();
  return { width: Math.max(200, Math.floor(width)), height: Math.max(90, Math.floor(height)) };
}

// Whether a position is in the circle of any leg: what no leg saw need not be asked for.
function isSeen(rows, [ra, dec], leg) {
  const at = vectorOf(ra, dec);
  return rows.some((row) => (!leg || `${row.eclipse}.${row.leg}` === leg) && angleBetween(at, row.vector) <= row.radius + 0.05);
}

// With an annulus, the rates drawn are those without the background.
function withoutBackground(bands) {
  const entries = Object.entries(bands).map(([band, legs]) => [
    band,
    legs.map((leg) => ({ ...leg, cps: leg.cps_bgsub || leg.cps, cps_err: leg.cps_bgsub_err || leg.cps_err })),
  ]);
  return Object.fromEntries(entries);
}

function summaryOf(curves) {
  const parts = Object.entries(curves).map(([band, legs]) => {
    const bins = legs.flatMap((leg) => leg.t0);
    const total = legs.flatMap((leg) => leg.counts).reduce((sum, each) => sum + (each || 0), 0);
    const seconds = legs.flatMap((leg) => leg.exposure).reduce((sum, each) => sum + (each || 0), 0);
    return bins.length ? `${band}: ${short(total, 6)} photons in ${short(seconds, 5)} s, ${bins.length} bins` : `${band}: none`;
  });
  return parts.join("   ");
}

function showPlace(now) {
  const at = placeAt(now);
  byId("place-name").textContent = at && now.src ? now.src : "Light curve";
  byId("place-text").textContent = at ? `${hours(at[0], 1)} ${degrees(at[1], 0)}` : "";
  byId("place-text").title = at ? `${at[0].toFixed(6)}, ${at[1].toFixed(6)} degrees` : "";
  byId("keep-target").disabled = !at;
}

// The form of the aperture shows the state and changes it; what is no number changes nothing.
function wireForm(state) {
  const fields = Object.fromEntries(["radius", "annulus-in", "annulus-out", "step", "visit"].map((id) => [id, byId(id)]));
  const show = () => {
    const now = state.get();
    const annulus = now.annulus.split(",");
    const values = { radius: now.radius, "annulus-in": annulus[0], "annulus-out": annulus[1] ?? "", step: now.step === "visit" ? "" : now.step, visit: now.leg };
    for (const [id, value] of Object.entries(values)) {
      if (document.activeElement !== fields[id] || id === "visit") fields[id].value = value;
    }
  };
  const read = () => {
    const changes = { leg: fields.visit.value };
    const radius = Number(fields.radius.value);
    if (radius > 0) changes.radius = radius;
    const step = Number(fields.step.value);
    changes.step = fields.step.value === "" ? "visit" : step > 0 ? step : state.get().step;
    const inner = Number(fields["annulus-in"].value);
    const outer = Number(fields["annulus-out"].value);
    const whole = fields["annulus-out"].value !== "" && fields["annulus-in"].value !== "";
    if (!whole) changes.annulus = "";
    else if (outer > inner) changes.annulus = `${inner},${outer}`;
    state.set(changes);
  };
  byId("aperture").addEventListener("change", read);
  byId("aperture").addEventListener("submit", (event) => {
    event.preventDefault();
    read();
  });
  state.watch(["radius", "annulus", "step", "leg"], show);
  show();
}

/** Fill the choice of visits; the chosen one stays. */
export function fillVisits(state, rows) {
  const choice = byId("visit");
  const names = [...new Set(rows.map((row) => `${row.eclipse}.${row.leg}`))];
  const options = ["", ...names].map((name) => new Option(name || "all", name));
  choice.replaceChildren(...options);
  choice.value = state.get().leg;
}
