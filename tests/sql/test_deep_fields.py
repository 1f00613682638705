"""A field of many visits in both bands: SQL against Python against numpy."""

import math
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError
from tests.examples import deep as much
from tests.sql import reference
from tests.sql.conftest import ACROSS_ZERO, NEAR_POLE, STAR
from tests.sql.deep_fields import make_deep_field
from tests.sql.reference import Rows, read_legs
from tests.sql.test_lightcurve import assert_same, by_leg

VISITS = 10 if much() else 3
LEGS = 5 * VISITS
PLACES = {"star": STAR, "RA 0": ACROSS_ZERO, "a pole": NEAR_POLE}


@pytest.fixture(scope="module")
def deep_field(
    sky_root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Archive]]:
    """Every place of `sky_root` seen again and again; with files of seconds, or ticks alone."""
    with ExitStack() as opened:

        @cache
        def made(kind: str) -> Archive:
            root = tmp_path_factory.mktemp("deep") / "archive"
            make_deep_field(sky_root, root, VISITS, seconds=kind == "seconds")
            return opened.enter_context(Archive(root))

        yield made


@pytest.fixture
def archive(kind: str, deep_field: Callable[[str], Archive]) -> Archive:
    return deep_field(kind)


def of_python(archive: Archive, place: tuple[float, float], **options: Any) -> Rows:
    table = archive.lightcurve(*place, **options)
    names = [name for name in table.colnames if name != "time"]
    columns = {name: np.asarray(table[name]).tolist() for name in names}
    return [dict(zip(names, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def assert_agree(sql: Rows, python: Rows) -> None:
    assert len(sql) == len(python)
    order = sorted(sql, key=lambda row: (row["eclipse"], row["band"], row["leg"], row["t0"]))
    again = sorted(python, key=lambda row: (row["eclipse"], row["band"], row["leg"], row["t0"]))
    for row, other in zip(order, again, strict=True):
        for name in ("eclipse", "band", "leg", "t0", "counts"):
            assert row[name] == other[name], name
        for name in ("exposure", "flat_counts", "cps", "cps_err", "mag", "bg"):
            value, expected = row[name], other[name]
            if value is None:
                assert math.isnan(expected), name
            else:
                assert math.isclose(value, expected, rel_tol=1e-11, abs_tol=1e-12), name


CASES = [("star", 5.0), ("star", None), ("RA 0", 0.7)]
MORE_CASES = [("star", 0.7), ("a pole", 5.0)]
WITH_SECONDS = pytest.mark.parametrize(
    "kind", ["seconds", pytest.param("ticks", marks=pytest.mark.deep)]
)
"""That SQL and Python say the same of legs without files of seconds is tested above."""


@pytest.mark.parametrize(
    ("kind", "name", "step"),
    [
        *(("seconds", *case) for case in CASES),
        ("ticks", *CASES[0]),
        *(pytest.param("seconds", *case, marks=pytest.mark.deep) for case in MORE_CASES),
        *(pytest.param("ticks", *case, marks=pytest.mark.deep) for case in CASES[1:]),
        *(pytest.param("ticks", *case, marks=pytest.mark.deep) for case in MORE_CASES),
    ],
)
def test_sql_and_python_say_the_same(name: str, step: float | None, archive: Archive) -> None:
    place = PLACES[name]
    python = of_python(archive, place, step=step, annulus=(40, 90), mask_sources=False)
    sql = archive.query(
        "FROM lightcurve($1, $2, step := $3, inner := 40, outer := 90)", [*place, step]
    ).rows()
    assert_agree(sql, python)
    assert len(by_leg(sql)) == (LEGS if place == STAR else VISITS)
    assert sum(row["counts"] for row in sql) > LEGS


@WITH_SECONDS
def test_every_visit_is_what_numpy_makes_of_its_photons(archive: Archive) -> None:
    rows = archive.query(
        "FROM lightcurve($1, $2, step := 5, inner := 40, outer := 90)", [*STAR]
    ).rows()
    found = by_leg(rows)
    # The visits are alike: the first and the last one stand for all.
    for leg in read_legs(archive.paths.root):
        key = leg.eclipse, leg.band, leg.leg
        if key in found and leg.eclipse // 100 in (235, 234 + VISITS):
            expected = reference.lightcurve(
                leg, *STAR, radius=12.8, step_ms=5000, inner=40.0, outer=90.0
            )
            assert_same(found[key], expected)
    first = [counted(found[key]) for key in sorted(found) if key[0] // 100 == 235]
    for century in range(235, 235 + VISITS):
        of_visit = [counted(found[key]) for key in sorted(found) if key[0] // 100 == century]
        assert of_visit == first


@WITH_SECONDS
def test_a_cone_has_the_photons_of_every_visit(archive: Archive) -> None:
    radius = 20.0
    found = archive.query("SELECT count(*) AS n FROM cone($1, $2, 20)", [*STAR]).rows()
    n = sum(int((leg.separation(*STAR) <= radius).sum()) for leg in read_legs(archive.paths.root))
    assert found == [{"n": n}]
    assert n > LEGS


@pytest.mark.parametrize("kind", ["seconds", "ticks"])
def test_whole_seconds_need_no_ticks(archive: Archive) -> None:
    for step, kind in (("5", "seconds"), ("NULL", "seconds"), ("0.5", "ticks")):
        read = archive.reads(f"FROM lightcurve({STAR[0]}, {STAR[1]}, step := {step})").files
        kinds = {row["kind"] for row in read.rows()} - {"photons"}
        has_seconds = bool(rows_of_kind(archive, "seconds"))
        assert kinds == {kind if has_seconds else "ticks"}


def rows_of_kind(archive: Archive, kind: str) -> Rows:
    return archive.query("SELECT path FROM leg_files WHERE kind = $1 LIMIT 1", [kind]).rows()


def test_a_damaged_file_is_named(sky_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    make_deep_field(sky_root, root, 2, eclipses=[23501])
    with Archive(root) as archive:
        for kind in ("photons", "aspect", "seconds", "ticks"):
            (row,) = archive.query(
                "SELECT path FROM leg_files WHERE kind = $1 AND eclipse = 23601 "
                "ORDER BY part LIMIT 1",
                [kind],
            ).rows()
            path = root / row["path"]
            right = path.read_bytes()
            path.unlink()
            path.write_bytes(b"PAR1 damaged PAR1")
            step = 0.5 if kind == "ticks" else 5
            with pytest.raises(ArchiveError, match="cannot be read") as caught:
                archive.lightcurve(*STAR, step=step, radius=3600)
            assert path.name in str(caught.value)
            path.write_bytes(right)


def counted(rows: Rows) -> list[tuple[Any, ...]]:
    names = ("band", "leg", "t0", "exposure", "counts", "bg_counts", "t1_data")
    return [tuple(row[name] for name in names) for row in rows]
