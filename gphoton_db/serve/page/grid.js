// The grid of coordinates, with labels at the borders.

import { degrees, hours } from "./format.js";
import { positionAt, projectPosition } from "./projection.js";

const DEC_STEPS = [30, 15, 10, 5, 2, 1, 1 / 2, 1 / 3, 1 / 6, 1 / 12, 1 / 30, 1 / 60, 1 / 120, 1 / 180, 1 / 360, 1 / 720, 1 / 1800, 1 / 3600];
const RA_STEPS = [45, 30, 15, 7.5, 5, 2.5, 1.25, 0.5, 0.25, 1 / 8, 1 / 12, 1 / 24, 1 / 48, 1 / 120, 1 / 240, 1 / 480, 1 / 1200, 1 / 2400];
const WANTED = 5;

/** Draw the grid of a view. */
export function drawGrid(context, view, colours) {
  const range = rangeOf(view);
  if (!range) return;
  const high = range.decs[1] - range.decs[0];
  const wide = range.ras[1] - range.ras[0];
  const decStep = stepFor(DEC_STEPS, Math.min(high, view.fov * 1.2));
  const raStep = stepFor(RA_STEPS, range.pole ? 180 : wide);
  context.save();
  context.strokeStyle = colours.grid;
  context.fillStyle = colours.label;
  context.lineWidth = 1;
  context.font = "11px system-ui, sans-serif";
  const taken = [];
  for (let dec = ceilTo(range.decs[0], decStep); dec <= range.decs[1] + 1e-9; dec += decStep) {
    if (Math.abs(dec) > 90 - 1e-6) continue;
    const points = line(view, range.ras, (ra) => [ra, dec]);
    label(context, view, points, decLabel(dec, decStep), "left", range.pole, taken);
  }
  const decs = range.pole ? [Math.max(-89.99, range.decs[0]), Math.min(89.99, range.decs[1])] : range.decs;
  for (let ra = ceilTo(range.ras[0], raStep); ra < range.ras[1] + (range.pole ? -1e-9 : 1e-9); ra += raStep) {
    const points = line(view, decs, (dec) => [ra, dec]);
    label(context, view, points, raLabel(ra, raStep), "bottom", range.pole, taken);
  }
  context.restore();

  function line(of, [from, to], position) {
    const parts = 96;
    const points = [];
    context.beginPath();
    let drawing = false;
    for (let i = 0; i <= parts; i += 1) {
      const at = projectPosition(of, ...position(from + ((to - from) * i) / parts));
      points.push(at);
      if (at && drawing) context.lineTo(at[0], at[1]);
      else if (at) context.moveTo(at[0], at[1]);
      drawing = at !== null;
    }
    context.stroke();
    return points;
  }
}

// The ranges of coordinates in view; right ascensions may pass 360.
function rangeOf(view) {
  const decs = [90, -90];
  const offsets = [180, -180];
  let seen = 0;
  for (let i = 0; i <= 20; i += 1) {
    for (let j = 0; j <= 20; j += 1) {
      const at = positionAt(view, (view.width * i) / 20, (view.height * j) / 20);
      if (!at) continue;
      seen += 1;
      decs[0] = Math.min(decs[0], at[1]);
      decs[1] = Math.max(decs[1], at[1]);
      const offset = ((at[0] - view.ra + 540) % 360) - 180;
      offsets[0] = Math.min(offsets[0], offset);
      offsets[1] = Math.max(offsets[1], offset);
    }
  }
  if (!seen) return null;
  const margin = 0.05 * (decs[1] - decs[0]);
  const north = poleInView(view, 90);
  const south = poleInView(view, -90);
  const top = north ? 90 : Math.min(90, decs[1] + margin);
  const bottom = south ? -90 : Math.max(-90, decs[0] - margin);
  const around = north || south || offsets[1] - offsets[0] > 300;
  const side = 0.05 * (offsets[1] - offsets[0]);
  const ras = around ? [0, 360] : [view.ra + offsets[0] - side, view.ra + offsets[1] + side];
  return { decs: [bottom, top], ras, pole: around };
}

function poleInView(view, dec) {
  const at = projectPosition(view, 0, dec);
  return at !== null && at[0] >= 0 && at[1] >= 0 && at[0] <= view.width && at[1] <= view.height;
}

function stepFor(steps, range) {
  return steps.find((step) => range / step >= WANTED - 1) || steps.at(-1);
}

function ceilTo(value, step) {
  return Math.ceil(value / step - 1e-9) * step;
}

// Where the label of a line stands: at the left or bottom border; about a pole far from it, and
// on a whole sky along the middle.
function labelPlace(view, points, side, around) {
  const inside = points.filter(
    (at) =>
      at && at[0] > 4 && at[1] > 14 && at[0] < view.width - 60 && at[1] < view.height - (side === "left" ? 62 : 8),
  );
  if (!inside.length) return null;
  const least = (far) => inside.reduce((best, at) => (far(at) < far(best) ? at : best));
  const [cx, cy] = [view.width / 2, view.height / 2];
  if (side === "left") return least((at) => at[0]);
  if (!around) return least((at) => -at[1]);
  return view.fov > 60 ? least((at) => Math.abs(at[1] - cy)) : least((at) => -Math.hypot(at[0] - cx, at[1] - cy));
}

function label(context, view, points, text, side, around, taken) {
  const place = labelPlace(view, points, side, around);
  if (!place) return;
  let [x, y] = [place[0] + 4, place[1] - 4];
  if (side === "left" && place[0] < 60) x = y < 166 ? 48 : 6;
  else if (side === "bottom" && !around && place[1] > view.height - 60) y = view.height - 6;
  if (taken.some((at) => Math.abs(at[0] - x) < 46 && Math.abs(at[1] - y) < 13)) return;
  taken.push([x, y]);
  context.fillText(text, x, y);
}

function decLabel(dec, step) {
  const text = degrees(Math.abs(dec) < 1e-9 ? 0 : dec, 0);
  const [d, m, s] = text.split(":");
  if (step >= 1) return `${d}°`;
  return step >= 1 / 60 ? `${d}°${m}′` : `${d}°${m}′${s}″`;
}

function raLabel(ra, step) {
  const digits = step < 1 / 240 ? 1 : 0;
  const [h, m, s] = hours(ra, digits).split(":");
  if (step >= 15) return `${h}h`;
  return step >= 0.25 ? `${h}h${m}m` : `${h}h${m}m${s}s`;
}
