// Everything that is drawn on the photons, in its order, and the colours it has.

import { drawCells } from "./coverage.js";
import { drawGrid } from "./grid.js";
import { drawColourBar, drawCompass, drawScaleBar } from "./furniture.js";
import { drawAperture, drawEdges, drawLegs, drawLimb, drawPlaces } from "./marks.js";
import { UNITS, bandsOf } from "./layers.js";
import { annulusOf, placeAt } from "./measure.js";
import { shownOverlays } from "./controls.js";
import { angleBetween } from "./healpix.js";

const COLOURS = {
  dark: {
    grid: "#9fb3c833",
    label: "#b8c7d8cc",
    leg: "#7fc4ffb0",
    legFill: "#4aa3ff30",
    chosen: "#ffd166",
    source: "#57e389",
    target: "#ffb454",
    aperture: "#ff5d5d",
    edge: "#e6a8ffc0",
    limb: "#8fa3b8",
    ink: "#eef3f8",
    plate: "#0b0f1499",
    blank: 0xff1a1310,
  },
  light: {
    grid: "#33486055",
    label: "#24384ccc",
    leg: "#1769aab0",
    legFill: "#1769aa26",
    chosen: "#b26a00",
    source: "#0a8f3c",
    target: "#c05a00",
    aperture: "#d00028",
    edge: "#8a2bb5c0",
    limb: "#60748a",
    ink: "#10202f",
    plate: "#ffffffc0",
    blank: 0xfff3eee9,
  },
};

/**
 * Return the colours of what is drawn: those of the theme where no photons are shown; else those
 * that can be read on the picture, dark unless its colours begin with white.
 */
export function coloursOn(state, isPicture) {
  if (!isPicture) return COLOURS[document.documentElement.dataset.theme];
  return state.cmap === "grey, inverse" && state.band !== "BOTH" ? COLOURS.light : COLOURS.dark;
}

/** Return a function for the sky that draws over a frame. */
export function makeDrawing(state, archive, places, coverage) {
  return (context, view, frame) => {
    const now = state.get();
    const ink = coloursOn(now, frame.layers.length > 0);
    const shown = shownOverlays(now);
    if (shown.has("grid")) drawGrid(context, view, ink);
    drawLimb(context, view, ink);
    const band = bandsOf(now.band)[0];
    if (shown.has("moc")) drawCells(context, view, coverage.cells(), ink);
    if (shown.has("legs")) drawLegs(context, view, archive.drawn[band], now.leg, ink);
    if (shown.has("edges")) edgesOf(archive, band, now, view).forEach((leg) => drawEdges(context, view, leg, ink));
    const close = view.fov <= 6;
    if (shown.has("sources") && close) drawPlaces(context, view, places.sources(), ink.source, "ring");
    if (shown.has("targets") && close) drawPlaces(context, view, places.targets(), ink.target, "square");
    const at = placeAt(now);
    if (at) drawAperture(context, view, at, now.radius, annulusOf(now), ink);
    drawScaleBar(context, view, ink);
    drawCompass(context, view, ink);
    if (frame.layers.length === 1) {
      const [stretch] = now.scale.split(",");
      const { plane } = now;
      const bar = { map: now.cmap, stretch, limits: frame.limits[band], unit: UNITS[plane], title: `${band} ${plane}` };
      drawColourBar(context, view, bar, ink);
    }
  };
}

// Of many visits that overlap only the chosen one, or the nearest, has circles.
function edgesOf(archive, band, now, view) {
  const legs = archive.drawn[band].filter((leg) => !now.leg || leg.name === now.leg);
  const far = (leg) => angleBetween(leg.vector, view.centre);
  const near = legs.filter((leg) => far(leg) < view.fov + leg.radius).sort((a, b) => far(a) - far(b));
  return near.slice(0, 1);
}
