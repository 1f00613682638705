// What can be taken away: FITS and CSV from the server, PNG from the canvases, the link.

import { ApiError, getFile } from "./api.js";
import { byId, download, say } from "./elements.js";
import { curveQuery, placeAt } from "./measure.js";
import { bandsOf } from "./layers.js";
import { angle } from "./format.js";

const WIDEST_ARCMIN = 90;

/** Return the side of the image taken away, arcmin: what is in view, within reason. */
export function exportSize(state) {
  return Number(Math.max(0.1, Math.min(WIDEST_ARCMIN, state.fov * 60)).toFixed(2));
}

/** Return the parameters of the FITS image of a state in a band. */
export function imageQuery(state, band) {
  const { ra, dec, leg, t0, t1, plane } = state;
  const exact = (value) => Number(value.toFixed(6));
  return { band, ra: exact(ra), dec: exact(dec), size: exportSize(state), leg, t0, t1, plane };
}

// Ask for a file and store it; say what is done, and what is wrong.
async function take(path, query) {
  const note = byId("export-size");
  note.textContent = "It is being made …";
  try {
    const { blob, name } = await getFile(path, query);
    download(blob, name);
    note.textContent = `${name}: ${(blob.size / 1e6).toFixed(2)} MB`;
  } catch (problem) {
    if (!(problem instanceof ApiError)) throw problem;
    note.textContent = problem.message;
  }
  say(note.textContent);
}

/** Wire the menu. */
export function makeTakeaway(state) {
  byId("export-menu").addEventListener("toggle", () => {
    byId("export-csv").disabled = byId("export-curve-png").disabled = !placeAt(state.get());
    byId("export-size").textContent = `FITS as by gphoton-db map: ${angle(exportSize(state.get()) / 60)} a side about the centre, with counts, exposure and intensity.`;
  });
  byId("export-fits").addEventListener("click", async () => {
    for (const band of bandsOf(state.get().band)) {
      await take("api/export/image", imageQuery(state.get(), band));
    }
  });
  byId("export-csv").addEventListener("click", () => take("api/export/lightcurve", { ...curveQuery(state.get()), format: "csv" }));
  byId("export-png").addEventListener("click", () => savePng("sky.png", byId("sky-image"), byId("sky")));
  byId("export-curve-png").addEventListener("click", () => {
    const canvas = document.querySelector("#curve canvas");
    if (canvas) savePng("light-curve.png", canvas);
  });
  byId("copy-link").addEventListener("click", async () => {
    const note = byId("export-size");
    try {
      await navigator.clipboard.writeText(window.location.href);
      note.textContent = "Copied. It opens this view while the server runs.";
    } catch {
      note.textContent = "The browser does not allow it: copy the address from its bar.";
    }
    say(note.textContent);
  });
}

// Paint canvases over each other on the colour of the page, and store the picture.
function savePng(name, ...canvases) {
  const all = document.createElement("canvas");
  all.width = Math.max(...canvases.map((canvas) => canvas.width));
  all.height = Math.max(...canvases.map((canvas) => canvas.height));
  const context = all.getContext("2d");
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, all.width, all.height);
  for (const canvas of canvases) context.drawImage(canvas, 0, 0, all.width, all.height);
  all.toBlob((blob) => blob && download(blob, name));
}
