"""Numbers that SQL and Python share stand in Python, and the SQL files have their names."""

import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gphoton_db.mission import Flag
from gphoton_db.paths import KINDS
from gphoton_db.query.constants import CONSTANT, CONSTANTS, with_constants, written
from gphoton_db.query.named import load_query
from gphoton_db.query.sql_files import read_sql
from gphoton_db.schemas import OF_SOURCES, OF_SURVEY
from tests.gphoton_db.archives import ROOT

FILES = sorted((ROOT / "sql").rglob("*.sql"))

MEAN_MORE = {
    "OFF_AXIS_DEG",  # 0.5 of anything
    "OFF_PLAN_DEG",  # 0.1 of anything
    "OFF_AXIS_PIXELS",  # 300 s in an example
    "LOW_PULSE_HEIGHT",  # a bit of flags
    "PIXEL_ARCSEC",
    "SHUTTER_GAP_MS",  # 50,000 legs
    "RAMP_UP_BINS",  # 3 of anything
    "MOST_BINS",  # microseconds in a second
    "LARGEST_APERTURE_ARCSEC",  # arcsec in a degree
    *(f"FLAG_{flag.name}" for flag in Flag),
}
"""Constants whose number stands for something else too, so that its digits prove nothing."""

OF_THE_CATALOGUE = {
    *KINDS,
    *(f"stored_{kind}" for kind in (*OF_SOURCES, *OF_SURVEY)),
    *("root", "source", "by_ingest"),
    *("patches", "all_patches", "any_leg", "eclipses"),
    *("folder", "names", "size", "paths"),
    *("near_patches", "merged_patches", "any_merged"),
}
"""What `gphoton_db.catalogue` fills in, which differs from archive to archive."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_sql_file_has_the_number_of_a_constant(path: Path) -> None:
    text = path.read_text("utf-8")
    found = {
        name: number
        for name in sorted(set(CONSTANTS) - MEAN_MORE)
        for number in [written(CONSTANTS[name])]
        if re.search(rf"(?<![\w.]){re.escape(number)}(?![\w.]*\d)", text)
    }
    assert found == {}, "write $NAME instead: see gphoton_db/query/constants.py"


def test_a_pause_of_the_shutter_has_a_name_where_it_is_compared() -> None:
    wrong = [p.name for p in FILES if re.search(r">= ?50\b|\b50 ms", p.read_text("utf-8"))]
    assert wrong == []


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_name_in_an_sql_file_is_known(path: Path) -> None:
    text = path.read_text("utf-8")
    names = set(re.findall(r"\$(\w+)", text))
    if path.parent.name == "queries":
        known = {parameter.name for parameter in load_query(path.stem).parameters}
    elif path.parent.name == "status":
        listed = text.partition("-- parameters:\n")[2].partition("\nSELECT")[0]
        known = {name for line in listed.splitlines() for name in re.findall(r"\w+", line[5:35])}
    else:
        known = OF_THE_CATALOGUE
    assert names - known - set(CONSTANTS) == set()
    filled = read_sql(path.relative_to(ROOT / "sql").as_posix())
    assert CONSTANT.search(filled) is None


def test_every_constant_is_used() -> None:
    used = {name for path in FILES for name in CONSTANT.findall(path.read_text("utf-8"))}
    assert set(CONSTANTS) - used == set()


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(KeyError, match="NO_SUCH"):
        with_constants("SELECT $NO_SUCH")


def test_names_of_parameters_stay() -> None:
    text = "SELECT $ra, $SHUTTER_GAP_MS, $photons -- $DETECTOR_CENTRE"
    assert with_constants(text) == "SELECT $ra, 50, $photons -- 400"


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_written_exactly(number: float) -> None:
    assert float(written(number)) == number


@pytest.mark.parametrize(
    ("constant", "text"),
    [
        (400.0, "400"),
        (4e9, "4e9"),
        (1_000_000, "1000000"),
        (2.06e-16, "2.06e-16"),
        (-0.000434730599193, "-0.000434730599193"),
        ((1.5, 30.0, -0.01), "1.5, 30, -0.01"),
    ],
)
def test_constants_are_short(constant: float | tuple[float, ...], text: str) -> None:
    assert written(constant) == text


def test_what_follows_from_the_facts_is_exact() -> None:
    exact = {
        "OFF_AXIS_PIXELS": Fraction(1, 2) * 600,
        "PIXEL_ARCSEC": Fraction(3600, 600),
        "DETECTOR_RADIUS_PIXELS": Fraction(5, 8) * 600,
        "CELL_NSIDE": Fraction(8192),
    }
    assert {name: CONSTANTS[name] for name in exact} == exact
