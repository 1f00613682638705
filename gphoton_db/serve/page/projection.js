// The sky on the canvas: orthographic (SIN) about a centre, north up, east to the left.

import { positionOf, vectorOf } from "./healpix.js";

const DEGREE = Math.PI / 180;

export const LARGEST_FIELD = 150;
export const SMALLEST_FIELD = 0.004;

/**
 * Return a view: a centre, a scale and the size of the canvas.
 * @param ra, dec  centre, degrees
 * @param fov      width of the canvas, degrees, at the scale of the centre
 * @param width, height  pixels
 */
export function makeView(ra, dec, fov, width, height) {
  const a = ra * DEGREE;
  const d = dec * DEGREE;
  return {
    ra,
    dec,
    fov,
    width,
    height,
    scale: (fov * DEGREE) / width, // radians a pixel
    centre: vectorOf(ra, dec),
    east: [-Math.sin(a), Math.cos(a), 0],
    north: [-Math.sin(d) * Math.cos(a), -Math.sin(d) * Math.sin(a), Math.cos(d)],
  };
}

/** Write the direction of a point of the canvas to out; false where there is no sky. */
export function unproject(view, px, py, out) {
  const xi = (view.width / 2 - px) * view.scale;
  const eta = (view.height / 2 - py) * view.scale;
  const r2 = xi * xi + eta * eta;
  if (r2 > 1) return false;
  const along = Math.sqrt(1 - r2);
  const { centre, east, north } = view;
  out[0] = along * centre[0] + xi * east[0] + eta * north[0];
  out[1] = along * centre[1] + xi * east[1] + eta * north[1];
  out[2] = along * centre[2] + xi * east[2] + eta * north[2];
  return true;
}

/** Return [x, y] on the canvas of a direction, or null for the far side of the sky. */
export function project(view, v) {
  const { centre, east, north } = view;
  if (v[0] * centre[0] + v[1] * centre[1] + v[2] * centre[2] <= 0) return null;
  const xi = v[0] * east[0] + v[1] * east[1];
  const eta = v[0] * north[0] + v[1] * north[1] + v[2] * north[2];
  return [view.width / 2 - xi / view.scale, view.height / 2 - eta / view.scale];
}

/** Return [x, y] on the canvas of a position in degrees, or null. */
export function projectPosition(view, ra, dec) {
  return project(view, vectorOf(ra, dec));
}

/** Return [ra, dec] of a point of the canvas, or null. */
export function positionAt(view, px, py) {
  const out = [0, 0, 0];
  return unproject(view, px, py, out) ? positionOf(out) : null;
}

/** Return the centre [ra, dec] that puts a direction at a point of the canvas. */
export function centreFor(view, direction, px, py) {
  // Move the centre by the offset between where the direction is and where it should be; a few
  // rounds suffice, because the view turns little between them.
  let moved = view;
  for (let round = 0; round < 6; round += 1) {
    const at = project(moved, direction);
    if (!at) break;
    const target = positionAt(
      moved,
      moved.width / 2 + at[0] - px,
      moved.height / 2 + at[1] - py,
    );
    if (!target || Math.hypot(at[0] - px, at[1] - py) < 1e-3) break;
    moved = makeView(target[0], target[1], view.fov, view.width, view.height);
  }
  return [moved.ra, Math.max(-90, Math.min(90, moved.dec))];
}

/** Return points [ra, dec] of the circle of a radius about a position, degrees. */
export function circleAround(ra, dec, radius, corners = 90) {
  const { centre, east, north } = makeView(ra, dec, 1, 1, 1);
  const r = radius * DEGREE;
  const points = [];
  for (let i = 0; i <= corners; i += 1) {
    const angle = (2 * Math.PI * i) / corners;
    const along = Math.cos(r);
    const xi = Math.sin(r) * Math.sin(angle);
    const eta = Math.sin(r) * Math.cos(angle);
    points.push(
      positionOf([0, 1, 2].map((k) => along * centre[k] + xi * east[k] + eta * north[k])),
    );
  }
  return points;
}
