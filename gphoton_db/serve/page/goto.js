// Go to a position, a source or a target.

import { ApiError, getJson } from "./api.js";
import { byId, make } from "./elements.js";
import { parsePosition } from "./format.js";

/** Wire the search box; `onPlace({ra, dec, label})` gets what was found. */
export function makeGoTo(names, onPlace, onProblem) {
  const text = byId("go-text");
  text.addEventListener("focus", () => {
    byId("go-names").replaceChildren(...names().map((name) => make("option", { value: name })));
  });
  byId("go-to").addEventListener("submit", async (event) => {
    event.preventDefault();
    const wanted = text.value.trim();
    if (!wanted) return;
    const position = parsePosition(wanted);
    if (position) {
      onPlace({ ra: position[0], dec: position[1], label: "" });
      return;
    }
    try {
      onPlace(await getJson("api/name", { q: wanted }));
    } catch (problem) {
      if (!(problem instanceof ApiError)) throw problem;
      onProblem(problem.message);
    }
  });
}

/** Return {ra, dec, label} of a line such as "12.5 -3.2 my star", or null. */
export function parseLine(line) {
  const parts = line.trim().split(/[\s,;]+/);
  for (const many of [6, 2]) {
    const position = parts.length >= many && parsePosition(parts.slice(0, many).join(" "));
    if (position) return { ra: position[0], dec: position[1], label: parts.slice(many).join(" ") };
  }
  return null;
}
