// Scale bar, compass and colour bar.

import { colourTable, unstretched } from "./colours.js";
import { angle, short } from "./format.js";
import { projectPosition } from "./projection.js";

const NICE = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000, 108000];

/** Draw a bar of a round angle at the bottom left. */
export function drawScaleBar(context, view, colours) {
  const arcsec = ((view.scale * 180) / Math.PI) * 3600;
  const size = NICE.findLast((each) => each / arcsec <= 0.22 * view.width) || NICE[0];
  const long = size / arcsec;
  const x = 16;
  const y = view.height - 34;
  context.save();
  plate(context, x - 8, y - 20, Math.max(long, 30) + 16, 30, colours);
  context.strokeStyle = colours.ink;
  context.fillStyle = colours.ink;
  context.lineWidth = 1.6;
  context.font = "12px system-ui, sans-serif";
  context.beginPath();
  context.moveTo(x, y - 4);
  context.lineTo(x, y + 2);
  context.lineTo(x + long, y + 2);
  context.lineTo(x + long, y - 4);
  context.stroke();
  context.textAlign = "center";
  context.fillText(angle(size / 3600), x + Math.max(long, 30) / 2, y - 6);
  context.restore();
}

/** Draw arrows to the north and east at the top right. */
export function drawCompass(context, view, colours) {
  const x = view.width - 36;
  const y = 50;
  const long = 24;
  context.save();
  plate(context, x - 38, y - 44, 60, 56, colours);
  context.strokeStyle = colours.ink;
  context.fillStyle = colours.ink;
  context.lineWidth = 1.6;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const [north, east] = directions(view);
  for (const [name, [dx, dy]] of [["N", north], ["E", east]]) {
    context.beginPath();
    context.moveTo(x, y);
    context.lineTo(x + dx * long, y + dy * long);
    context.stroke();
    context.fillText(name, x + dx * (long + 9), y + dy * (long + 9));
  }
  context.restore();
}

// Unit steps on the canvas to the north and to the east at its centre.
function directions(view) {
  const small = view.fov / 1000;
  const beyond = view.dec + small > 90;
  const at = projectPosition(view, view.ra, view.dec + (beyond ? -small : small));
  if (!at) return [[0, -1], [-1, 0]];
  const sign = beyond ? -1 : 1;
  const dx = sign * (at[0] - view.width / 2);
  const dy = sign * (at[1] - view.height / 2);
  const long = Math.hypot(dx, dy) || 1;
  return [[dx / long, dy / long], [dy / long, -dx / long]];
}

/** Draw the colours of the values at the bottom right, with their limits and unit. */
export function drawColourBar(context, view, { map, stretch, limits, unit, title }, colours) {
  const width = 190;
  const x = view.width - width - 16;
  const y = view.height - 60; // labels of the grid are below
  context.save();
  plate(context, x - 10, y - 20, width + 20, 56, colours);
  const table = colourTable(map, "linear");
  for (let i = 0; i < width; i += 1) {
    const packed = table[Math.round((i / (width - 1)) * (table.length - 1))];
    context.fillStyle = `rgb(${packed & 255} ${(packed >> 8) & 255} ${(packed >> 16) & 255})`;
    context.fillRect(x + i, y, 1.5, 10);
  }
  context.strokeStyle = colours.grid;
  context.strokeRect(x - 0.5, y - 0.5, width + 1, 11);
  context.fillStyle = colours.ink;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "left";
  context.fillText(`${title}  ${unit}`, x, y - 7);
  const [low, high] = limits;
  for (const [part, align] of [[0, "left"], [0.5, "center"], [1, "right"]]) {
    context.textAlign = align;
    const value = low + (high - low) * unstretched(part, stretch);
    context.fillText(short(value, 3), x + part * width, y + 24);
  }
  context.restore();
}

// A half transparent plate, so that what stands on it can be read on any sky.
function plate(context, x, y, width, height, colours) {
  context.save();
  context.fillStyle = colours.plate;
  context.beginPath();
  context.roundRect(x, y, width, height, 6);
  context.fill();
  context.restore();
}
