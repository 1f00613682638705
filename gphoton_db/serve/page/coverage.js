// The sky that was seen, as a MOC: cells of HEALPix of several orders.

import { ApiError, getJson } from "./api.js";
import { shownOverlays } from "./controls.js";
import { angleBetween, directionOn, placeOf } from "./healpix.js";
import { bandsOf } from "./layers.js";
import { project } from "./projection.js";

// Finer cells for fewer visits: of 3.4 arcmin, of 7, of 27.
const ORDERS = [[100, 10], [1000, 9], [Infinity, 7]];

/** Return {refresh(), cells()}: the cells of the visits that are known, while they are to be drawn. */
export function makeCoverage(state, archive, changed) {
  let asked = "";
  let cells = [];

  async function refresh() {
    const now = state.get();
    if (!archive.info || !shownOverlays(now).has("moc")) return;
    const [band] = bandsOf(now.band);
    const visits = archive.legsIn(band, "").length;
    const order = ORDERS.find(([most]) => visits <= most)[1];
    const query = { ...archive.about(), band, order };
    const key = JSON.stringify([query, archive.info.generation]);
    if (key === asked) return;
    asked = key;
    try {
      const answer = await getJson("api/moc", query);
      if (key !== asked) return;
      cells = Object.entries(answer.cells).flatMap(([of, numbers]) => numbers.map((number) => cellOf(Number(of), number)));
      changed();
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      asked = "";
    }
  }

  state.watch(["show", "band"], refresh);
  return { refresh, cells: () => cells };
}

function cellOf(order, number) {
  const [face, x, y] = placeOf(number, order);
  const side = 2 ** -order;
  const corners = [[0, 0], [1, 0], [1, 1], [0, 1]].map(([i, j]) => directionOn(face, (x + i) * side, (y + j) * side));
  return { corners, middle: directionOn(face, (x + 0.5) * side, (y + 0.5) * side), reach: 60 * side };
}

/** Draw cells: filled, with thin borders. */
export function drawCells(context, view, cells, colours) {
  const reach = (view.fov * Math.hypot(1, view.height / view.width)) / 2;
  context.save();
  context.fillStyle = colours.legFill;
  context.strokeStyle = colours.grid;
  context.lineWidth = 0.8;
  context.beginPath();
  for (const cell of cells) {
    if (reach < 60 && angleBetween(cell.middle, view.centre) > reach + cell.reach) continue;
    const at = cell.corners.map((corner) => project(view, corner));
    if (at.includes(null)) continue;
    context.moveTo(...at[0]);
    at.slice(1).forEach((each) => context.lineTo(...each));
    context.closePath();
  }
  context.fill();
  context.stroke();
  context.restore();
}
