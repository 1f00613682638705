"""Notes of products that a stranger may have written: none is obeyed beyond it."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.noted import MOST_READ, NotedProduct, in_place, line_of
from gphoton_db.paths import ArchivePaths
from tests.products.test_killed_products import EARLIER, OUTPUT, listed, product, with_earlier

NO_PRODUCTS: dict[str, list[object]] = {
    "path": [f"{OUTPUT}/./p", f"{OUTPUT}//p", "", ".", "a\x1b[2J"],
    "kind": ["\ud800", "[/red]\x1b", None, 1],
    "band": ["", "XUV", [], 0],
    "eclipse": ["", [], 0.0, -1, True, 2**31],
    "leg": ["0", {}, 2**31],
    "size_bytes": [3.0, -1, 2**70, True],
    "sha256": ["", "x" * 64, None],
    "parameters": ["{", "NaN", "[" * 200_000, '"\\ud800"', None],
    "software_version": ["\0", None],
    "calibration": [3, "\ud800"],
    "made_at": ["2026-01-01T00:00:00Z", "", 1],
    "file": [1, "abc", [None]],
    "more": [1],
}
"""Values that no line of ours has."""


def test_lines_with_values_that_are_none_of_ours_enter_nothing(copied: Path) -> None:
    root = with_earlier(copied, "p")
    new = product(f"{OUTPUT}/p", b"new")
    (root / OUTPUT / "p").write_bytes(b"new")
    ours = json.loads(line_of(NotedProduct(new)))
    lines = [{**ours, name: value} for name, values in NO_PRODUCTS.items() for value in values]
    (root / "staging").mkdir(exist_ok=True)
    (root / "staging" / "made-1.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\n")
    before = listed(root, "p")
    Archive(root).close()
    assert listed(root, "p") == before
    assert not list((root / "staging").iterdir())


def test_a_file_elsewhere_is_known_by_what_it_is_and_not_read(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "outside.fits"
    note = Catalogue(ArchivePaths(copied)).product_note()
    (copied / "content").write_bytes(EARLIER)
    note.move(product(str(place)), copied / "content", place)
    note.release()
    monkeypatch.setattr("gphoton_db.catalogue.noted._has_content", _read_nothing)
    with Archive(copied) as archive:
        found = list(archive.query("SELECT path FROM products").rows())
    assert found == [{"path": str(place)}]


def test_no_more_is_read_than_a_bound(tmp_path: Path) -> None:
    with (tmp_path / "hole").open("wb") as file:
        file.truncate(MOST_READ + 1)
    hole = replace(product("hole"), size_bytes=MOST_READ + 1)
    (tmp_path / "p").write_bytes(EARLIER)
    lines = [NotedProduct(hole), NotedProduct(product("p"))]
    assert [each.path for each in in_place(tmp_path, lines)] == ["p"]


def _read_nothing(*arguments: object) -> bool:
    raise AssertionError(arguments)
