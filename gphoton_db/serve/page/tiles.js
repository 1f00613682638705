// Tiles from the server: a bounded cache, few requests at a time, none for what left the view.

import { TILE_SIDE, centreOf, nestedNumber, pixelArcsec2 } from "./healpix.js";

const MOST_KEPT = 220; // of 1 MB each
const MOST_AT_ONCE = 4; // of the six that a browser has, some are for all else
const RETRY_MS = 4000;

/**
 * Return a store of tiles.
 * @param fetchTile  (query, signal) => Promise<Float32Array | null>; null: nothing was seen there
 * @param changed    called when a tile arrived
 */
export function makeTiles(fetchTile, changed) {
  const kept = new Map(); // key -> {data} in the order of last use
  const running = new Map(); // key -> AbortController
  const failed = new Map(); // key -> {until, text}: when it may be tried again, and why not
  let wanted = [];

  function remember(key, data) {
    kept.set(key, { data });
    while (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  }

  function get(key) {
    const entry = kept.get(key);
    if (entry) {
      kept.delete(key);
      kept.set(key, entry);
    }
    return entry;
  }

  function start({ key, query }) {
    const control = new AbortController();
    running.set(key, control);
    fetchTile(query, control.signal)
      .then((data) => {
        failed.delete(key);
        remember(key, data);
      })
      .catch((problem) => {
        if (problem.name === "AbortError") return;
        failed.set(key, { until: Date.now() + RETRY_MS, text: problem.message });
        window.setTimeout(changed, RETRY_MS + 50);
      })
      .finally(() => {
        if (running.get(key) === control) running.delete(key);
        next();
        changed();
      });
  }

  function next() {
    const now = Date.now();
    for (const tile of wanted) {
      if (running.size >= MOST_AT_ONCE) break;
      if (kept.has(tile.key) || running.has(tile.key) || failed.get(tile.key)?.until > now) continue;
      start(tile);
    }
  }

  return {
    get,
    /** Ask for these tiles, the most important first, and give up all others. */
    want(tiles) {
      wanted = tiles;
      const keys = new Set(tiles.map((tile) => tile.key));
      for (const [key, control] of running) {
        if (!keys.has(key)) {
          running.delete(key);
          control.abort();
        }
      }
      next();
    },
    /** How many of those asked for are still to come. */
    pending() {
      return wanted.filter(({ key }) => !kept.has(key) && !failed.has(key)).length;
    },
    /** Why some of those asked for could not be had; empty where all could. */
    problem() {
      const tile = wanted.find(({ key }) => failed.has(key));
      return tile ? failed.get(tile.key).text : "";
    },
    /** Forget everything: the archive has changed. */
    clear() {
      kept.clear();
      failed.clear();
      this.want([]);
    },
    size: () => kept.size,
  };
}

/** Return the name of a tile in the store. */
export function tileKey(layer, order, number) {
  return `${layer.key}/${order}/${number}`;
}

/**
 * Return a function for `rasterise` that looks up tiles of a layer, coarser ones where the right
 * one has not come yet, and that notes in `missing` (a Map by key) what to ask for.
 * @param layer  {key, query, plane, sees(direction, order)}
 */
export function tileLookUp(store, layer, order, lowest, missing) {
  const seen = new Map();
  return (face, tileX, tileY) => {
    const number = nestedNumber(face, tileX, tileY, order);
    if (seen.has(number)) return seen.get(number);
    const found = find(store, layer, order, lowest, number, missing);
    seen.set(number, found);
    return found;
  };
}

function find(store, layer, order, lowest, number, missing) {
  if (!layer.sees(centreOf(number, order), order)) return null;
  const key = tileKey(layer, order, number);
  const entry = store.get(key);
  missing.set(key, { key, query: { ...layer.query, order, npix: number }, order, number });
  if (entry) return entry.data && usable(entry.data, layer, order, 0);
  for (let drop = 1; order - drop >= lowest; drop += 1) {
    const coarser = store.get(tileKey(layer, order - drop, Math.floor(number / 4 ** drop)));
    if (coarser && coarser.data) return usable(coarser.data, layer, order - drop, drop);
  }
  return null;
}

// Counts are shown by square arcsec, so that tiles of all orders have one scale.
function usable(data, layer, order, drop) {
  const factor = layer.plane === "count" ? 1 / pixelArcsec2(order) : 1;
  return { data, drop, factor };
}

/** Return the values of a tile's answer; throw where it is not one. */
export function tileValues(buffer) {
  if (buffer.byteLength !== 4 * TILE_SIDE * TILE_SIDE) {
    throw new Error(`a tile of ${buffer.byteLength} bytes is not one`);
  }
  return new Float32Array(buffer);
}
