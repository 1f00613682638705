"""The page in one file, of its modules."""

import re

import pytest

from gphoton_db.serve.bundle import bundled
from gphoton_db.serve.page_files import PAGE, STYLES, page_files
from tests.gphoton_db.serve.conftest import Client

MODULES = {
    "main": 'import { area, SIDES as n } from "./shapes.js";\nawait area(n);',
    "shapes": 'import { square } from "./numbers.js";\n\nexport const SIDES = 4;\n'
    "export async function area(side) {\n  return square(side);\n}",
    "numbers": "export function square(x) {\n  return x * x;\n}\nexport class Number {}",
    "other": "export const UNUSED = 1;",
}

EXPECTED = """// numbers.js
const $numbers = (() => {
function square(x) {
  return x * x;
}
class Number {}
return { square, Number };
})();
// shapes.js
const $shapes = (() => {
const { square } = $numbers;

const SIDES = 4;
async function area(side) {
  return square(side);
}
return { SIDES, area };
})();
// main.js
{
const { area, SIDES: n } = $shapes;
await area(n);
}
"""


def test_modules_come_after_those_that_they_import() -> None:
    assert bundled(MODULES, "main") == EXPECTED


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"numbers": 'import { area } from "./shapes.js";'}, "main -> shapes -> numbers -> shapes"),
        ({"numbers": 'import * as all from "./shapes.js";'}, r"numbers\.js: .* 'import \* as"),
        ({"numbers": "export let x = 1;"}, r"numbers\.js: .* 'export let"),
        ({"main": "export const A = 1;"}, r"main\.js is what is run, and exports A"),
    ],
)
def test_what_a_bundle_cannot_have_is_said(change: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        bundled(MODULES | change, "main")


def test_the_page_has_all_modules_and_sheets_once(client: Client) -> None:
    script = client.get("/page.js").content.decode()
    names = re.findall(r"^// (\w+\.js)$", script, re.MULTILINE)
    assert sorted(names) == sorted(path.name for path in PAGE.glob("*.js"))
    assert client.get("/main.js").content == (PAGE / "main.js").read_bytes()
    style = client.get("/page.css").content.decode()
    assert all((PAGE / name).read_text("utf-8") in style for name in STYLES)
    assert sorted(STYLES) == sorted(
        path.relative_to(PAGE).as_posix() for path in PAGE.rglob("*.css")
    )
    known = {"If-None-Match": client.get("/page.js").headers["etag"]}
    assert client.ask("GET", "/page.js", headers=known).status == 304
    assert set(page_files()) > {"index.html", "vendor/uPlot.iife.min.js"}
