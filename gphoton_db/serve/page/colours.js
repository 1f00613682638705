// Colour maps and stretches: from values to the pixels of a canvas.

const STOPS = {
  grey: ["000000", "ffffff"],
  "grey, inverse": ["ffffff", "000000"],
  viridis: split("44015448186a472d7b4240863b528b33638d2c728e26828e21918c1fa08828ae803fbc735ec96284d44baddc30d8e219fde725"),
  magma: split("0000040a08221d114736106b51127c6a1c818326819c2e7fb73779d0416fe75263f56b5cfc8961fea772fec488fde2a3fcfdbf"),
  inferno: split("0000040b0724210c4a3d096557106e71196e8a226aa32c61bc3754d24644e45a31f1731df98e09fcac11f9cb35f2ea69fcffa4"),
  cividis: split("00224e002e6a1a386f32436d434e6c535a6d61656f6f70737d7c788c88789b9476aba072bcae6ccdbb63dec958f0d846fee838"),
};

export const COLOUR_MAPS = Object.keys(STOPS);
export const STRETCHES = ["linear", "sqrt", "log", "asinh"];
const STEPS = 2048;

/** Return u in [0, 1] after a stretch. */
export function stretched(u, stretch) {
  if (stretch === "sqrt") return Math.sqrt(u);
  if (stretch === "log") return Math.log10(1 + 999 * u) / 3;
  if (stretch === "asinh") return Math.asinh(20 * u) / Math.asinh(20);
  return u;
}

/** Return u in [0, 1] before a stretch: the inverse of `stretched`. */
export function unstretched(s, stretch) {
  if (stretch === "sqrt") return s * s;
  if (stretch === "log") return (10 ** (3 * s) - 1) / 999;
  if (stretch === "asinh") return Math.sinh(s * Math.asinh(20)) / 20;
  return s;
}

const tables = new Map(); // by name of map and stretch

/** Return the packed colours (little endian ABGR) of STEPS values from 0 to 1. */
export function colourTable(map, stretch) {
  const name = `${map}/${stretch}`;
  if (!tables.has(name)) tables.set(name, tableOf(map, stretch));
  return tables.get(name);
}

function tableOf(map, stretch) {
  const stops = STOPS[map].map((hex) => [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16)));
  const table = new Uint32Array(STEPS);
  for (let i = 0; i < STEPS; i += 1) {
    const [r, g, b] = between(stops, stretched(i / (STEPS - 1), stretch));
    table[i] = packed(r, g, b);
  }
  return table;
}

/** Paint values to packed pixels; `blank` where there is no value. */
export function paint(values, pixels, table, low, high, blank) {
  const factor = (STEPS - 1) / (high - low);
  for (let i = 0; i < values.length; i += 1) {
    const v = values[i];
    if (v !== v) {
      pixels[i] = blank;
      continue;
    }
    const step = (v - low) * factor;
    pixels[i] = table[step <= 0 ? 0 : step >= STEPS - 1 ? STEPS - 1 : step | 0];
  }
}

/** Paint two bands as one picture: NUV red, FUV blue, their mean green (as GALEX pictures are). */
export function paintBoth(nuv, fuv, pixels, stretch, limits, blank) {
  const tone = new Uint8Array(STEPS);
  for (let i = 0; i < STEPS; i += 1) tone[i] = Math.round(255 * stretched(i / (STEPS - 1), stretch));
  const [nuvLow, nuvHigh] = limits.NUV;
  const [fuvLow, fuvHigh] = limits.FUV;
  for (let i = 0; i < pixels.length; i += 1) {
    const n = nuv[i];
    const f = fuv[i];
    if (n !== n && f !== f) {
      pixels[i] = blank;
      continue;
    }
    const red = n === n ? tone[step(n, nuvLow, nuvHigh)] : 0;
    const blue = f === f ? tone[step(f, fuvLow, fuvHigh)] : 0;
    pixels[i] = packed(red, (red + blue) >> 1, blue);
  }
}

/**
 * Return limits that show faint and bright, low < high: from a little below the sky to the
 * brightest of all but a few values, but well above the noise, which fills sparse pictures.
 */
export function limitsOf(values, fraction = 0.997) {
  const every = Math.max(1, Math.floor(values.length / 20000));
  const seen = [];
  for (let i = every >> 1; i < values.length; i += every) {
    if (values[i] === values[i]) seen.push(values[i]);
  }
  if (!seen.length) return [0, 1];
  const sorted = Float32Array.from(seen).sort();
  const sky = sorted.subarray(0, Math.max(1, Math.floor(0.97 * sorted.length)));
  const mean = sky.reduce((sum, each) => sum + each, 0) / sky.length;
  const spread = Math.sqrt(sky.reduce((sum, each) => sum + (each - mean) ** 2, 0) / sky.length);
  const low = Math.max(sorted[0], mean - 0.5 * spread);
  const bright = sorted[Math.min(sorted.length - 1, Math.floor(fraction * sorted.length))];
  let high = Math.max(bright, mean + 12 * spread);
  // Where most of the picture is empty, single photons are not to be as bright as stars.
  if (sorted[sorted.length >> 1] <= sorted[0]) high = Math.sqrt(high * sorted.at(-1)) || high;
  return high > low ? [low, high] : [low, low + (Math.abs(low) || 1)];
}

function step(v, low, high) {
  const u = ((v - low) / (high - low)) * (STEPS - 1);
  return u <= 0 ? 0 : u >= STEPS - 1 ? STEPS - 1 : u | 0;
}

function packed(r, g, b) {
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

function between(stops, u) {
  const place = u * (stops.length - 1);
  const first = Math.min(stops.length - 2, Math.floor(place));
  const part = place - first;
  return [0, 1, 2].map((k) =>
    Math.round(stops[first][k] * (1 - part) + stops[first + 1][k] * part),
  );
}

function split(hexes) {
  return hexes.match(/.{6}/g);
}
