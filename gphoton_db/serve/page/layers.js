// Which tiles the state asks for: one layer a band.

import { angleBetween, pixelDegrees, TILE_SIDE } from "./healpix.js";

export const UNITS = {
  count: "photons / arcsec²",
  intensity: "photons / s / arcsec²",
  exposure: "s",
};

/** Return the bands that a choice of band shows. */
export function bandsOf(band) {
  return band === "BOTH" ? ["NUV", "FUV"] : [band];
}

/** Return the layers of a state: {band, plane, key, query, sees(direction, order)}. */
export function layersOf(state, archive) {
  if (!archive.info) return [];
  return bandsOf(state.band).map((band) => {
    const { plane, leg, t0, t1 } = state;
    const rows = archive.legsIn(band, leg).filter((row) => t0 === null || (row.t0 < t1 && row.t1 > t0));
    return {
      band,
      plane,
      key: [band, plane, leg, t0 ?? "", t1 ?? "", archive.info.generation].join("/"),
      query: { band, plane, leg, t0, t1 },
      // Where not all visits are known, the server says what is empty.
      sees: (direction, order) => !archive.whole || seesAny(rows, direction, order),
    };
  });
}

// Whether a tile with this centre may touch a leg: no request where there is nothing.
function seesAny(rows, direction, order) {
  const half = pixelDegrees(order) * TILE_SIDE * 1.1;
  return rows.some((row) => angleBetween(direction, row.vector) < (row.radius || 0.62) * 1.1 + half);
}
