// HEALPix pixels of directions and back, nested scheme (Gorski et al. 2005, ApJ 622, 759).
//
// The sphere has 12 faces, each a square: x rises to the north-east, y to the north-west, both
// from 0 to 1.  A pixel of order k has the side 2 ** -k.  The same formulas stand in
// gphoton_db/kernels/healpix.py; tests compare the two.

const TWO_THIRDS = 2 / 3;

/** Pixels of a side of a tile: a tile of order k has the pixels of order k + 9. */
export const TILE_SIDE = 512;
export const TILE_DEPTH = 9;

/**
 * Write the face and the place on it of a unit vector to out[0..2].
 * Places lie in [0, 1); the vector need not be exactly of length 1.
 */
export function faceOf(vx, vy, vz, out) {
  const sinTheta = Math.hypot(vx, vy);
  let quarter = Math.atan2(vy, vx) * (2 / Math.PI);
  if (quarter < 0) quarter += 4;
  if (quarter >= 4) quarter = 0;
  const za = Math.abs(vz);
  if (za <= TWO_THIRDS) {
    const rising = 0.5 + quarter;
    const slope = 0.75 * vz;
    const up = rising - slope;
    const down = rising + slope;
    const ifp = Math.floor(up);
    const ifm = Math.floor(down);
    out[0] = ifp === ifm ? (ifp & 3) | 4 : ifp < ifm ? ifp : ifm + 8;
    out[1] = down - ifm;
    out[2] = below1(1 - (up - ifp));
    return;
  }
  const sector = Math.min(3, Math.floor(quarter));
  const tp = quarter - sector;
  const scaled = sinTheta / Math.sqrt((1 + za) / 3);
  const jp = tp * scaled;
  const jm = (1 - tp) * scaled;
  if (vz >= 0) {
    out[0] = sector;
    out[1] = below1(1 - jm);
    out[2] = below1(1 - jp);
  } else {
    out[0] = sector + 8;
    out[1] = below1(jp);
    out[2] = below1(jm);
  }
}

function below1(value) {
  return value < 1 ? value : 1 - 2 ** -30;
}

/** Return the unit vector of a place on a face. */
export function directionOn(face, x, y) {
  const band = Math.floor(face / 4);
  const fromPole = band + 2 - x - y;
  const centre = 2 * (face % 4) + (band === 1 ? 0 : 1);
  let ring = 1;
  let z;
  let sinTheta;
  if (fromPole < 1 || fromPole > 3) {
    ring = Math.max(fromPole < 1 ? fromPole : 4 - fromPole, 0);
    const below = (ring * ring) / 3;
    z = fromPole < 1 ? 1 - below : below - 1;
    sinTheta = Math.sqrt(below * (2 - below));
  } else {
    z = ((2 - fromPole) * 2) / 3;
    sinTheta = Math.sqrt((1 - z) * (1 + z));
  }
  const eighths = centre * ring + x - y;
  const ra = ring < 1e-15 ? 0 : ((Math.PI / 4) * eighths) / ring;
  return [sinTheta * Math.cos(ra), sinTheta * Math.sin(ra), z];
}

/** Return the nested number of the pixel (x, y) of a face; exact up to order 24. */
export function nestedNumber(face, x, y, order) {
  const low = spread(x & 0xfff) + 2 * spread(y & 0xfff);
  const high = spread(Math.floor(x / 4096)) + 2 * spread(Math.floor(y / 4096));
  return face * 4 ** order + high * 4 ** 12 + low;
}

/** Return [face, x, y] of a nested pixel. */
export function placeOf(number, order) {
  const ofFace = 4 ** order;
  const face = Math.floor(number / ofFace);
  const rest = number - face * ofFace;
  const low = rest % 4 ** 12;
  const high = Math.floor(rest / 4 ** 12);
  return [face, gather(low) + 4096 * gather(high), gather(low >> 1) + 4096 * gather(high >> 1)];
}

/** Return the nested pixel of an order that holds a position in degrees. */
export function pixelAt(ra, dec, order) {
  const out = new Float64Array(3);
  const [vx, vy, vz] = vectorOf(ra, dec);
  faceOf(vx, vy, vz, out);
  const side = 2 ** order;
  return nestedNumber(out[0], Math.floor(out[1] * side), Math.floor(out[2] * side), order);
}

/** Return the unit vector of the centre of a pixel. */
export function centreOf(number, order) {
  const [face, x, y] = placeOf(number, order);
  const side = 2 ** order;
  return directionOn(face, (x + 0.5) / side, (y + 0.5) / side);
}

/** Return the area of a pixel of the tiles of an order, square arcsec. */
export function pixelArcsec2(tileOrder) {
  return (4 * Math.PI * (648000 / Math.PI) ** 2) / (12 * 4 ** (tileOrder + TILE_DEPTH));
}

/** Return the side of a pixel of the tiles of an order, degrees. */
export function pixelDegrees(tileOrder) {
  return Math.sqrt(pixelArcsec2(tileOrder)) / 3600;
}

/** Return the unit vector of a position in degrees. */
export function vectorOf(ra, dec) {
  const a = (ra * Math.PI) / 180;
  const d = (dec * Math.PI) / 180;
  return [Math.cos(d) * Math.cos(a), Math.cos(d) * Math.sin(a), Math.sin(d)];
}

/** Return [ra, dec] in degrees of a vector. */
export function positionOf(v) {
  const ra = (Math.atan2(v[1], v[0]) * 180) / Math.PI;
  return [ra < 0 ? ra + 360 : ra, (Math.atan2(v[2], Math.hypot(v[0], v[1])) * 180) / Math.PI];
}

/** Return the angle between two unit vectors, degrees; right for small ones too. */
export function angleBetween(a, b) {
  const x = a[1] * b[2] - a[2] * b[1];
  const y = a[2] * b[0] - a[0] * b[2];
  const z = a[0] * b[1] - a[1] * b[0];
  const along = a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  return (Math.atan2(Math.hypot(x, y, z), along) * 180) / Math.PI;
}

// Move bit k of a number below 4096 to bit 2k.
function spread(v) {
  v = (v | (v << 8)) & 0x00ff00ff;
  v = (v | (v << 4)) & 0x0f0f0f0f;
  v = (v | (v << 2)) & 0x33333333;
  return (v | (v << 1)) & 0x55555555;
}

// Move bit 2k of a number below 2 ** 24 to bit k.
function gather(v) {
  v &= 0x555555;
  v = (v | (v >> 1)) & 0x33333333;
  v = (v | (v >> 2)) & 0x0f0f0f0f;
  v = (v | (v >> 4)) & 0x00ff00ff;
  return (v | (v >> 8)) & 0x0000ffff;
}
