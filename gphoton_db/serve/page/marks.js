// What is drawn on the sky: outlines of visits, sources, targets, the aperture, the detector.

import { angleBetween, vectorOf } from "./healpix.js";
import { circleAround, project, projectPosition } from "./projection.js";

const DETECTOR_PIXEL_DEG = 1 / 600;
const EDGES = [350, 370, 400];

/** Draw outlines of legs; of small ones a dot.  `chosen` is "ECLIPSE.LEG" or "". */
export function drawLegs(context, view, legs, chosen, colours) {
  const reach = (view.fov * Math.hypot(1, view.height / view.width)) / 2;
  for (const leg of legs) {
    if (reach < 60 && angleBetween(leg.vector, view.centre) > reach + 1.3 * leg.radius) continue;
    const at = project(view, leg.vector);
    const isChosen = leg.name === chosen;
    context.strokeStyle = isChosen ? colours.chosen : colours.leg;
    context.fillStyle = colours.legFill;
    context.lineWidth = isChosen ? 2 : 1.2;
    const across = ((leg.radius * Math.PI) / 180 / view.scale) * 2;
    if (across < 5) {
      if (at) dot(context, at, colours.leg);
      continue;
    }
    const lines = leg.outline || [circleAround(leg.ra, leg.dec, leg.radius, 60)];
    for (const line of lines) {
      path(context, view, line, true);
      if (view.fov > 5) context.fill();
      context.stroke();
    }
  }
}

/** Draw circles of the detector about the boresight of a leg. */
export function drawEdges(context, view, leg, colours) {
  context.save();
  context.strokeStyle = colours.edge;
  context.fillStyle = colours.edge;
  context.font = "11px system-ui, sans-serif";
  context.setLineDash([5, 4]);
  const across = (EDGES[0] * DETECTOR_PIXEL_DEG * Math.PI) / 180 / view.scale;
  for (const [i, pixels] of EDGES.entries()) {
    if (across < 40) break; // too small to be told apart
    const circle = circleAround(leg.ra, leg.dec, pixels * DETECTOR_PIXEL_DEG, 180);
    path(context, view, circle, false);
    context.stroke();
    const top = projectPosition(view, ...circle[Math.round(circle.length / 8) + 6 * i]);
    if (top) context.fillText(String(pixels), top[0] + 3, top[1] - 3);
  }
  context.restore();
}

/** Draw rings or squares at positions, [{ra, dec, label}]: small ones where the view is wide. */
export function drawPlaces(context, view, places, colour, shape) {
  const arcsec = ((view.scale * 180) / Math.PI) * 3600;
  const size = shape === "square" ? 6 : Math.max(3, Math.min(9, 9 / arcsec));
  context.save();
  context.globalAlpha = shape === "square" ? 1 : 0.8;
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = size < 4 ? 1 : 1.3;
  context.font = "11px system-ui, sans-serif";
  for (const place of places) {
    const at = projectPosition(view, place.ra, place.dec);
    if (!at || !isInside(view, at, 10)) continue;
    context.beginPath();
    if (shape === "square") context.rect(at[0] - size, at[1] - size, 2 * size, 2 * size);
    else context.arc(at[0], at[1], size, 0, 2 * Math.PI);
    context.stroke();
    if (shape === "square" && place.label) context.fillText(place.label, at[0] + 10, at[1] - 10);
  }
  context.restore();
}

/** Draw the aperture and its annulus, and lines that point at it where it is small. */
export function drawAperture(context, view, at, radius, annulus, colours) {
  const centre = projectPosition(view, at[0], at[1]);
  if (!centre) return;
  const pixel = ((view.scale * 180) / Math.PI) * 3600;
  context.save();
  context.strokeStyle = colours.aperture;
  context.lineWidth = 1.6;
  ring(context, centre, Math.max(radius / pixel, 2));
  if (annulus) {
    context.setLineDash([4, 3]);
    context.lineWidth = 1;
    annulus.forEach((each) => ring(context, centre, each / pixel));
    context.setLineDash([]);
  }
  const inner = Math.max(radius / pixel, 4) + 4;
  context.lineWidth = 1.6;
  for (const [x, y] of [[1, 0], [-1, 0], [0, 1], [0, -1]]) {
    context.beginPath();
    context.moveTo(centre[0] + x * inner, centre[1] + y * inner);
    context.lineTo(centre[0] + x * (inner + 9), centre[1] + y * (inner + 9));
    context.stroke();
  }
  context.restore();
}

/** Return the place that is nearest to a point of the canvas, within some pixels, or null. */
export function nearest(view, places, x, y, within = 10) {
  let best = null;
  let least = within;
  for (const place of places) {
    const at = projectPosition(view, place.ra, place.dec);
    const far = at ? Math.hypot(at[0] - x, at[1] - y) : Infinity;
    if (far < least) {
      least = far;
      best = place;
    }
  }
  return best;
}

/** Draw the limb of the sky where the view is wide enough to see it. */
export function drawLimb(context, view, colours) {
  if (view.fov < 90) return;
  context.strokeStyle = colours.limb;
  context.lineWidth = 1;
  ring(context, [view.width / 2, view.height / 2], 1 / view.scale);
}

/** Return legs for `drawLegs`, one for each leg of the rows of `/api/legs`. */
export function legsOf(rows, outlines) {
  const legs = new Map();
  for (const row of rows) {
    const name = `${row.eclipse}.${row.leg}`;
    if (legs.has(name)) continue;
    const radius = row.radius || 0.62;
    const outline = outlines.get(name);
    legs.set(name, { name, ra: row.ra, dec: row.dec, radius, vector: vectorOf(row.ra, row.dec), outline });
  }
  return [...legs.values()];
}

function path(context, view, line, closed) {
  context.beginPath();
  let drawing = false;
  let whole = true;
  for (const [ra, dec] of line) {
    const at = projectPosition(view, ra, dec);
    if (at && drawing) context.lineTo(at[0], at[1]);
    else if (at) context.moveTo(at[0], at[1]);
    drawing = at !== null;
    whole = whole && drawing;
  }
  if (closed && whole) context.closePath();
}

function ring(context, [x, y], radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.stroke();
}

function dot(context, [x, y], colour) {
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, 3, 0, 2 * Math.PI);
  context.fill();
}

function isInside(view, [x, y], margin) {
  return x > -margin && y > -margin && x < view.width + margin && y < view.height + margin;
}
