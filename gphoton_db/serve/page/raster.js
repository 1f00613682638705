// One frame of the sky: the value of each pixel of the canvas, looked up in tiles of HEALPix.

import { TILE_DEPTH, TILE_SIDE, faceOf, pixelDegrees } from "./healpix.js";
import { unproject } from "./projection.js";

const BLOCK = 8;

/** Return the order of the tiles whose pixels are closest to those of the canvas. */
export function orderFor(view, lowest, highest) {
  const degrees = view.fov / view.width;
  let order = lowest;
  while (order < highest && pixelDegrees(order) > 1.42 * degrees) order += 1;
  return order;
}

/**
 * Fill `values` (width * height) from tiles, NaN where there is none.
 *
 * Places on a HEALPix face are worked out at the corners of blocks of 8 x 8 pixels and
 * interpolated inside, where that is right to a quarter of a pixel of the tile; pixel by pixel
 * elsewhere (at the poles, at borders of faces, at the limb).
 *
 * @param lookUp  (face, tileX, tileY) => {data, drop, factor} or null; `drop` is by how many
 *                orders the tile is coarser, `factor` turns its values into those shown
 * @return whether any tile is there
 */
export function rasterise(view, order, lookUp, values) {
  const { width, height } = view;
  const side = 2 ** (order + TILE_DEPTH);
  const columns = Math.ceil(width / BLOCK) + 1;
  const rows = Math.ceil(height / BLOCK) + 1;
  const grid = placesOnGrid(view, columns, rows);
  const sample = sampler(lookUp, side);
  const middle = new Float64Array(3);
  const direction = [0, 0, 0];
  const tolerance = 0.25 / side;
  values.fill(NaN);
  for (let row = 0; row < rows - 1; row += 1) {
    for (let column = 0; column < columns - 1; column += 1) {
      const a = 3 * (row * columns + column);
      const corners = [a, a + 3, a + 3 * columns, a + 3 * columns + 3];
      const top = row * BLOCK;
      const left = column * BLOCK;
      if (isSmooth(view, grid, corners, left, top, middle, direction, tolerance)) {
        fillSmooth(values, width, height, left, top, grid, corners, sample);
      } else {
        fillExact(values, view, left, top, middle, direction, sample);
      }
    }
  }
  return sample.found();
}

// Face and place at the corners of all blocks; face -1 where there is no sky.
function placesOnGrid(view, columns, rows) {
  const grid = new Float64Array(3 * columns * rows);
  const out = new Float64Array(3);
  const direction = [0, 0, 0];
  for (let row = 0, at = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, at += 3) {
      // Pixel i covers [i, i + 1): its middle is looked up.
      if (unproject(view, column * BLOCK + 0.5, row * BLOCK + 0.5, direction)) {
        faceOf(direction[0], direction[1], direction[2], out);
        grid.set(out, at);
      } else {
        grid[at] = -1;
      }
    }
  }
  return grid;
}

function isSmooth(view, grid, [a, b, c, d], left, top, middle, direction, tolerance) {
  const face = grid[a];
  if (face < 0 || grid[b] !== face || grid[c] !== face || grid[d] !== face) return false;
  const half = BLOCK / 2 + 0.5;
  if (!unproject(view, left + half, top + half, direction)) return false;
  faceOf(direction[0], direction[1], direction[2], middle);
  if (middle[0] !== face) return false;
  for (let k = 1; k < 3; k += 1) {
    const mean = (grid[a + k] + grid[b + k] + grid[c + k] + grid[d + k]) / 4;
    if (Math.abs(mean - middle[k]) > tolerance) return false;
  }
  return true;
}

function fillSmooth(values, width, height, left, top, grid, [a, b, c, d], sample) {
  const face = grid[a];
  const bottom = Math.min(height, top + BLOCK);
  const right = Math.min(width, left + BLOCK);
  const tile = sample.tileOf(grid, [a, b, c, d]);
  if (tile === null) return; // all of it is without values
  const side = tile ? sample.side : 0;
  for (let y = top; y < bottom; y += 1) {
    const v = (y - top) / BLOCK;
    const x0 = grid[a + 1] + v * (grid[c + 1] - grid[a + 1]);
    const y0 = grid[a + 2] + v * (grid[c + 2] - grid[a + 2]);
    const xStep = (grid[b + 1] + v * (grid[d + 1] - grid[b + 1]) - x0) / BLOCK;
    const yStep = (grid[b + 2] + v * (grid[d + 2] - grid[b + 2]) - y0) / BLOCK;
    if (tile) {
      const { data, drop, factor } = tile;
      for (let x = left, i = 0; x < right; x += 1, i += 1) {
        const row = (((x0 + i * xStep) * side) >> drop) & (TILE_SIDE - 1);
        const column = (((y0 + i * yStep) * side) >> drop) & (TILE_SIDE - 1);
        values[y * width + x] = data[row * TILE_SIDE + column] * factor;
      }
      continue;
    }
    for (let x = left; x < right; x += 1) {
      const i = x - left;
      values[y * width + x] = sample(face, x0 + i * xStep, y0 + i * yStep);
    }
  }
}

function fillExact(values, view, left, top, out, direction, sample) {
  const bottom = Math.min(view.height, top + BLOCK);
  const right = Math.min(view.width, left + BLOCK);
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) {
      if (!unproject(view, x + 0.5, y + 0.5, direction)) continue;
      faceOf(direction[0], direction[1], direction[2], out);
      values[y * view.width + x] = sample(out[0], out[1], out[2]);
    }
  }
}

// A function that looks up the value at a place; it remembers the last tile.  Its `tileOf` is the
// tile that the places at four corners, and so all between them, are on: null where that is not
// there, undefined where they are on several.
function sampler(lookUp, side) {
  let lastFace = -1;
  let lastX = -1;
  let lastY = -1;
  let tile = null;
  let found = false;
  const use = (face, tileX, tileY) => {
    if (tileX !== lastX || tileY !== lastY || face !== lastFace) {
      lastFace = face;
      lastX = tileX;
      lastY = tileY;
      tile = lookUp(face, tileX, tileY);
      found ||= tile !== null;
    }
    return tile;
  };
  const sample = (face, x, y) => {
    const ix = Math.min(side - 1, Math.max(0, Math.floor(x * side)));
    const iy = Math.min(side - 1, Math.max(0, Math.floor(y * side)));
    if (use(face, ix >> TILE_DEPTH, iy >> TILE_DEPTH) === null) return NaN;
    const row = (ix >> tile.drop) & (TILE_SIDE - 1);
    const column = (iy >> tile.drop) & (TILE_SIDE - 1);
    return tile.data[row * TILE_SIDE + column] * tile.factor;
  };
  const tiles = side / TILE_SIDE;
  sample.side = side;
  sample.found = () => found;
  sample.tileOf = (grid, corners) => {
    const tileX = Math.floor(grid[corners[0] + 1] * tiles);
    const tileY = Math.floor(grid[corners[0] + 2] * tiles);
    if (tileX < 0 || tileY < 0 || tileX >= tiles || tileY >= tiles) return undefined;
    for (let k = 1; k < 4; k += 1) {
      if (Math.floor(grid[corners[k] + 1] * tiles) !== tileX) return undefined;
      if (Math.floor(grid[corners[k] + 2] * tiles) !== tileY) return undefined;
    }
    return use(grid[corners[0]], tileX, tileY);
  };
  return sample;
}
