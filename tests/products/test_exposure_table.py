"""Exposure tables: the archive's own figures, and files of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ProductError
from tests.products.conftest import ECLIPSE


def test_a_whole_leg_is_one_row(archive: Archive) -> None:
    (leg,) = (each for each in archive.legs(ECLIPSE) if each.band == "NUV")
    table = archive.exposure(ECLIPSE, "NUV")
    assert len(table) == 1
    assert (table["t0"][0], table["t1"][0]) == (leg.photon_t0, leg.photon_t1)
    assert table["exposure"][0] == leg.exposure
    assert table["raw_exposure"][0] == leg.raw_exposure
    assert table["exposure"].unit == "s"


@pytest.mark.parametrize("depth", [0.005, 0.1, 7, 13.37, 33])
def test_frames_follow_each_other_and_hold_all_photons(archive: Archive, depth: float) -> None:
    whole, table = archive.exposure(ECLIPSE, "NUV"), archive.exposure(ECLIPSE, "NUV", depth=depth)
    np.testing.assert_allclose(table["t1"] - table["t0"], depth, atol=1e-6)
    assert np.array_equal(table["t0"][1:], table["t1"][:-1])
    assert table["t0"][0] == whole["t0"][0]
    assert table["t1"][-1] > whole["t1"][0] >= table["t0"][-1]
    # The whole leg's half-open interval leaves out the photons of its last moment.
    missing = table["unflagged"].sum() - whole["unflagged"][0]
    assert 1 <= missing <= table["unflagged"][-1]
    assert (table["exposure"] <= table["raw_exposure"]).all()


def test_all_legs(archive: Archive) -> None:
    assert [table.meta["LEG"] for table in archive.exposure(ECLIPSE, "FUV", "all")] == [0, 1]


@pytest.mark.parametrize(
    ("legs", "numbers"), [([1, 0], [1, 0]), ((1,), [1]), ([0, 0], [0]), (range(2), [0, 1])]
)
def test_several_legs_in_the_order_that_is_asked_for(
    archive: Archive, legs: Sequence[int], numbers: list[int]
) -> None:
    assert [table.meta["LEG"] for table in archive.exposure(ECLIPSE, "FUV", legs)] == numbers


@pytest.mark.parametrize(
    ("legs", "words"),
    [([0, 5], "has no leg 5"), ([], "is empty"), ("0", "give a number"), ("every", "or 'all'")],
)
def test_a_leg_that_is_not_there_is_refused_at_once(
    archive: Archive, legs: Any, words: str
) -> None:
    with pytest.raises(ProductError, match=words):
        archive.exposure(ECLIPSE, "FUV", legs)


@pytest.mark.parametrize("depth", [0, -1, float("nan"), 1e6])
def test_a_depth_that_makes_no_sense_is_an_error(archive: Archive, depth: float) -> None:
    with pytest.raises(ProductError, match=r"are not valid|is nan|longer than all there is"):
        archive.exposure(ECLIPSE, "NUV", depth=depth)


def test_tables_go_to_csv_and_into_the_archive(copied: Path, tmp_path: Path) -> None:
    with Archive(copied) as archive:
        whole, frames = (archive.exposure(ECLIPSE, "NUV", depth=d) for d in (None, 7.5))
        paths = [archive.write_exposure(table, tmp_path) for table in (whole, frames)]
        sql = "SELECT kind, path FROM products WHERE kind = 'exposure' ORDER BY made_at"
        rows = archive.query(sql).rows()
    assert [path.name for path in paths] == [
        "e23500-nd-ffull-b00-image-exptime.csv",
        "e23500-nd-f0007.5-b00-movie-exptime.csv",
    ]
    assert [(row["kind"], row["path"]) for row in rows] == [("exposure", str(p)) for p in paths]
    again = Table.read(paths[1])
    assert again.colnames == frames.colnames
    assert np.array_equal(again["exposure"], frames["exposure"])
