"""The sky divided by the number of rows, and what lies beside each part."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import SkyCoord
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.examples import examples

from gphoton_db.products.hats.partitions import (
    HIGHEST_ORDER,
    INDEX_ORDER,
    Partitions,
    divide,
    indices_of,
)

DOWN = 2 * (INDEX_ORDER - HIGHEST_ORDER)


def crowded(seed: int, n: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Positions, deg: many about a few places, RA 0 and a pole among them, some anywhere."""
    rng = np.random.default_rng(seed)
    ra = np.concatenate([rng.normal(0, 0.4, n), rng.uniform(0, 360, n), rng.normal(150, 0.1, n)])
    dec = np.concatenate(
        [rng.normal(20, 0.4, n), 90 - rng.uniform(0, 1, n), np.degrees(rng.normal(0, 0.002, n))]
    )
    return ra % 360.0, dec


def divided(ra: np.ndarray, dec: np.ndarray, most_rows: int) -> Partitions:
    pixels, counts = np.unique(indices_of(ra, dec) >> DOWN, return_counts=True)
    return divide(pixels, counts, most_rows)


@settings(max_examples=examples(6), deadline=None)
@given(seed=st.integers(0, 1000), most_rows=st.integers(1, 3000))
def test_partitions_cover_the_sky_once_and_none_is_too_full(seed: int, most_rows: int) -> None:
    ra, dec = crowded(seed)
    made = divided(ra, dec, most_rows)
    end = (made.pixel + 1) << 2 * (INDEX_ORDER - made.order)
    assert made.first[0] == 0
    assert end[-1] == 12 << 2 * INDEX_ORDER
    assert (made.first[1:] == end[:-1]).all()
    rows = np.bincount(made.of(indices_of(ra, dec)), minlength=len(made))
    assert ((rows <= most_rows) | (made.order == HIGHEST_ORDER)).all()


def test_partitions_are_as_large_as_can_be() -> None:
    ra, dec = crowded(1)
    made = divided(ra, dec, 2500)
    rows = np.bincount(made.of(indices_of(ra, dec)), minlength=len(made))
    for k in np.flatnonzero(rows):
        above = (made.order >= made.order[k] - 1) & (
            made.first >> 2 * (INDEX_ORDER - made.order[k] + 1) == made.pixel[k] >> 2
        )
        assert rows[above].sum() > 2500


def test_an_empty_table_is_divided_all_the_same() -> None:
    none = np.empty(0, np.int64)
    assert len(divide(none, none, 10)) == 12 * 4**7


@pytest.mark.parametrize("angle", range(0, 360, 45))
def test_the_margin_holds_what_is_within_ten_arcsec(angle: int) -> None:
    ra, dec = crowded(2)
    made = divided(ra, dec, 300)
    indices = indices_of(ra, dec)
    place, beside = made.beside(indices)
    assert (made.of(indices)[place] != beside).all()
    assert len({*zip(place.tolist(), beside.tolist(), strict=True)}) == len(place)
    moved = SkyCoord(ra, dec, unit="deg").directional_offset_by(angle * u.deg, 10 * u.arcsec)
    there = made.of(indices_of(moved.ra.deg, moved.dec.deg))
    near = np.flatnonzero(there != made.of(indices))
    assert len(near) > 20
    assert {*zip(near.tolist(), there[near].tolist(), strict=True)} <= {
        *zip(place.tolist(), beside.tolist(), strict=True)
    }
