"""Matches with tables: proper motions, second best, chance, and what is wrong with tables."""

import logging
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from astropy.table import Table
from astropy.time import Time

from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import ProductError
from gphoton_db.products.objects.matching import Matches, MatchFlag, match_positions
from gphoton_db.products.objects.reference_table import RowFlag, read_reference

ARCSEC = 1 / 3600


def match(
    ra: Any, dec: Any, table: Any, radius: float = 3.0, *, year: Any = 2005.0, **options: Any
) -> Matches:
    """Match sources, each of the visit of its year."""
    years = np.broadcast_to(np.asarray(year, float), len(ra))
    visits = np.unique(years, return_inverse=True)[1]
    reference = read_reference(table, **options)
    return match_positions(
        np.asarray(ra, float), np.asarray(dec, float), visits, years, reference, radius
    )


def test_the_best_and_the_second_best_row_and_how_far_they_are() -> None:
    table = Table({"ra": [10.0, 10.0, 10.0, 50.0], "dec": [2 * ARCSEC, -ARCSEC, 9 * ARCSEC, 0.0]})
    found = match([10.0, 30.0], [0.0, 0.0], table)
    assert found.row.tolist() == [1, -1]
    assert found.second_row.tolist() == [0, -1]
    assert found.separation[0] == pytest.approx(1.0)
    assert found.second_separation[0] == pytest.approx(2.0)
    assert found.flags.tolist() == [MatchFlag.SECOND, 0]
    assert np.isnan([found.separation[1], found.ra[1], found.chance[1]]).all()


@pytest.mark.parametrize("place", [(0.0, 0.0), (359.9999, 60.0), (77.0, 89.9999), (7.0, -90.0)])
def test_matches_at_ra_0_and_the_poles(place: tuple[float, float]) -> None:
    ra, dec = place
    other = (ra + 1e-4 / max(np.cos(np.radians(dec)), 1e-3), dec)
    table = Table({"ra": [other[0] % 360.0, 180.0], "dec": [other[1], 0.0]})
    found = match([ra], [dec], table)
    assert found.row.tolist() == [0]
    assert found.separation[0] == pytest.approx(3600 * separation(*place, *other), abs=1e-6)


def test_proper_motion_is_applied_to_the_time_of_each_visit() -> None:
    # 1 arcsec a year to the east and 0.5 to the south, from 2016 on back.
    table = Table(
        {"ra": [20.0], "dec": [60.0], "pmra": [1000.0], "pmdec": [-500.0], "ref_epoch": [2016.0]}
    )
    years = np.array([2006.0, 2016.0])
    ra = 20.0 + (years - 2016) * ARCSEC / np.cos(np.radians(60.0))
    dec = 60.0 - 0.5 * (years - 2016) * ARCSEC
    found = match(ra, dec, table, 1.0, year=years)
    assert found.row.tolist() == [0, 0]
    assert found.separation == pytest.approx([0.0, 0.0], abs=2e-3)
    assert found.ra[1] == pytest.approx(20.0)
    assert match(ra, dec, table, 1.0, year=years, pm=False).row.tolist() == [-1, 0]


def test_proper_motion_goes_straight_over_a_pole() -> None:
    table = Table({"ra": [0.0], "dec": [90 - ARCSEC], "pmra": [0.0], "pmdec": [1000.0]})
    found = match([180.0], [90 - ARCSEC], table, 0.5, year=2007.0, epoch=2005.0)
    assert found.row.tolist() == [0]
    assert found.separation[0] == pytest.approx(0.0, abs=1e-4)


@pytest.mark.parametrize("epoch", [2016.0, "2016.0", "J2016.0", Time(2016.0, format="jyear"), "y"])
def test_an_epoch_is_a_year_a_time_or_a_column(epoch: Any) -> None:
    table = Table({"ra": [20.0], "dec": [0.0], "pmra": [0.0], "pmdec": [100.0], "y": [2016.0]})
    assert read_reference(table, epoch=epoch).epoch == pytest.approx([2016.0], abs=1e-6)


@pytest.mark.parametrize("epoch", [57388.0, 0.0, "yesterday", "nope", [1, 2]])
def test_an_epoch_that_is_none_is_refused(epoch: Any) -> None:
    table = Table({"ra": [20.0], "dec": [0.0], "pmra": [0.0], "pmdec": [100.0]})
    with pytest.raises(ProductError, match=r"give a year such as 2016\.0"):
        read_reference(table, epoch=epoch)


def test_proper_motions_without_an_epoch_are_refused_and_may_be_left_out() -> None:
    table = Table({"ra": [20.0], "dec": [0.0], "pmra": [0.0], "pmdec": [100.0]})
    with pytest.raises(ProductError, match="does not say of which epoch"):
        read_reference(table)
    assert not read_reference(table, pm=False).moves
    with pytest.raises(ProductError, match="has no columns of proper motion"):
        read_reference(Table({"ra": [1.0], "dec": [1.0]}), pm=True)
    with pytest.raises(ProductError, match="names no two of its columns"):
        read_reference(table, pm=("pmra", "x"), epoch=2000.0)


def test_units_of_proper_motion_are_converted_or_refused() -> None:
    table = Table({"ra": [20.0], "dec": [0.0], "e": [0.1], "n": [1.0]})
    table["e"].unit, table["n"].unit = "arcsec / yr", "deg / (century)"
    with pytest.raises(ProductError, match="column n is in"):
        read_reference(table, epoch=2000.0, pm=("e", "n"))
    table["n"].unit = "mas/year"
    reference = read_reference(table, epoch=2000.0, pm=("e", "n"))
    assert (reference.pm_ra[0], reference.pm_dec[0]) == pytest.approx((100.0, 1.0))
    table["n"].unit = "km/s"
    with pytest.raises(ProductError, match="no proper motion: give"):
        read_reference(table, epoch=2000.0, pm=("e", "n"))


def test_what_is_wrong_with_rows_is_said_and_the_rest_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    table = pa.table(
        {
            "ra": [10.0, None, 11.0, 11.0, 12.0, 13.0],
            "dec": [0.0, 0.0, 0.0, 0.0, 0.0, -999.0],
            "pmra": [None, 0.0, 1.0, 1.0, 30_000.0, 0.0],
            "pmdec": [0.0] * 6,
            "epoch": [2016.0, 2016.0, 57388.0, 2016.0, 2016.0, 2016.0],
            "name": ["a", "b", "c", "d", "e", "f"],
        }
    )
    with caplog.at_level(logging.WARNING):
        found = match([10.0, 11.0, 12.0, np.nan], [0.0] * 4, table, epoch="epoch")
    assert found.row.tolist() == [0, 2, 4, -1]
    still = int(MatchFlag.NOT_MOVED)
    assert found.flags.tolist() == [still, still, still, MatchFlag.NO_POSITION]
    for text in (
        "2 of 6 rows have no position and are left out",
        "1 of 6 rows have the position of an earlier row and are left out",
        "2 of 6 rows have no possible proper motion and stay where they are",
        "1 of 6 rows have no epoch from 1850 to 2150 and stay where they are",
    ):
        assert text in caplog.text
    flags = read_reference(table, pm=False).flags
    assert flags[3] == RowFlag.DUPLICATE
    assert read_reference(table, pm=False).names.tolist() == list("abcdef")


def test_a_row_that_two_sources_of_a_visit_have_is_said_to_be_shared() -> None:
    table = Table({"ra": [10.0], "dec": [0.0]})
    dec = [0.5 * ARCSEC, -ARCSEC, 2 * ARCSEC]
    found = match([10.0] * 3, dec, table, year=[2005.0, 2005.0, 2006.0])
    assert found.row.tolist() == [0, 0, 0]
    assert found.flags.tolist() == [0, MatchFlag.SHARED, 0]


def test_a_visit_without_a_row_in_its_field_is_said() -> None:
    table = Table({"ra": [10.0], "dec": [0.0], "pmra": [0.0], "pmdec": [0.0]})
    found = match([10.0, 100.0], [0.0, 0.0], table, year=[2005.0, 2006.0], epoch=2000.0)
    assert found.row.tolist() == [0, -1]
    assert found.flags.tolist() == [0, MatchFlag.NO_OVERLAP]


def test_the_rate_of_chance_is_that_of_positions_elsewhere() -> None:
    rng = np.random.default_rng(7)
    n, side, radius = 20_000, 1.0, 5.0
    table = pa.table({"ra": rng.uniform(0, side, n), "dec": rng.uniform(0, side, n)})
    ra, dec = rng.uniform(0.05, side - 0.05, (2, 4000))
    found = match(ra, dec, table, radius)
    expected = 1 - np.exp(-np.pi * radius**2 * n / (side * 3600) ** 2)
    assert found.chance_rate == pytest.approx(expected, rel=0.05)
    assert found.n_matched / 4000 == pytest.approx(expected, rel=0.15)
    matched = found.row >= 0
    # By chance alone, the probability of as near a match is spread evenly up to the rate.
    assert np.median(found.chance[matched]) == pytest.approx(expected / 2, rel=0.15)
    assert match(ra, dec, pa.table({"ra": ra, "dec": dec}), radius).chance[0] == 0.0


def test_nothing_to_match_with_is_no_error() -> None:
    empty = Table({"ra": np.empty(0), "dec": np.empty(0)})
    found = match([10.0], [0.0], empty)
    assert (found.n_matched, found.chance_rate) == (0, 0.0)
    assert found.flags.tolist() == [MatchFlag.NO_OVERLAP]
    assert match([], [], Table({"ra": [1.0], "dec": [1.0]})).n_matched == 0


def test_a_visit_outside_of_a_table_without_proper_motions_is_said() -> None:
    table = Table({"ra": [10.0, 50.0], "dec": [0.0, 0.0]})
    # The second visit has a row in its field and no match; the third has none there.
    found = match([10.0, 50.01, 100.0], [0.0] * 3, table, year=[2005.0, 2006.0, 2007.0])
    assert found.row.tolist() == [0, -1, -1]
    assert found.flags.tolist() == [0, 0, MatchFlag.NO_OVERLAP]


def test_half_a_proper_motion_is_said(caplog: pytest.LogCaptureFixture) -> None:
    read = read_reference(Table({"ra": [10.0], "dec": [0.0], "pmRA": [5.0]}))
    assert not read.moves
    assert "has pmra without the other axis: no proper motion is applied" in caplog.text
