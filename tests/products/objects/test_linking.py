"""Positions are linked by steps within a radius, wherever on the sky and in whatever order."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from gphoton_db.aspect.sphere import separation
from gphoton_db.errors import ProductError
from gphoton_db.products.objects.linking import checked_radius, linked
from tests.examples import examples

PLACES = {"ordinary": (150.0, 2.0), "RA 0": (0.0, 20.0), "pole": (30.0, 90.0), "south": (7, -90)}


def one_by_one(
    ra: NDArray[np.float64], dec: NDArray[np.float64], radius: float
) -> NDArray[np.int64]:
    """Return the objects by looking at every pair again and again."""
    near = separation(ra[:, None], dec[:, None], ra, dec) * 3600.0 <= radius
    label = np.arange(len(ra))
    while True:
        lowest = np.array([label[row].min() for row in near])
        if (lowest == label).all():
            return label
        label = lowest


def about(place: str, east: NDArray[np.float64], north: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return positions about a place, arcsec to the east and north in its tangent plane."""
    ra, dec = np.radians(PLACES[place])
    x = np.array([-np.sin(ra), np.cos(ra), 0.0])
    y = np.array([-np.sin(dec) * np.cos(ra), -np.sin(dec) * np.sin(ra), np.cos(dec)])
    z = np.array([np.cos(dec) * np.cos(ra), np.cos(dec) * np.sin(ra), np.sin(dec)])
    arcsec = np.radians(1 / 3600)
    vector = z + np.outer(east * arcsec, x) + np.outer(north * arcsec, y)
    vector /= np.linalg.norm(vector, axis=1)[:, None]
    flat = np.hypot(vector[:, 0], vector[:, 1])
    return np.degrees([np.arctan2(vector[:, 1], vector[:, 0]), np.arctan2(vector[:, 2], flat)])


@settings(max_examples=examples(20), deadline=None)
@given(st.sampled_from(sorted(PLACES)), st.integers(0, 10**6), st.sampled_from([1.0, 3.0, 10.0]))
def test_the_same_as_looking_at_every_pair(place: str, seed: int, radius: float) -> None:
    rng = np.random.default_rng(seed)
    ra, dec = about(place, *rng.uniform(-6, 6, (2, 60)) * radius)
    labels, expected = linked(ra % 360.0, dec, radius), one_by_one(ra, dec, radius)
    assert len(np.unique(np.column_stack([labels, expected]), axis=0)) == len(np.unique(expected))
    assert labels.max() + 1 == len(np.unique(expected))


@pytest.mark.parametrize("place", PLACES)
def test_a_chain_ends_at_a_gap_wider_than_the_radius(place: str) -> None:
    east = np.array([0.0, 2.9, 5.8, 8.7, 11.8, 14.7])
    ra, dec = about(place, east, np.zeros(6))
    assert linked(ra % 360.0, dec, 3.0).tolist() == [0, 0, 0, 0, 1, 1]


def test_the_radius_itself_is_within_it() -> None:
    assert linked([10.0, 10.0, 10.0], [0.0, 3 / 3600, 6.001 / 3600], 3.0).tolist() == [0, 0, 1]


def test_the_order_does_not_matter_but_for_the_numbers() -> None:
    rng = np.random.default_rng(3)
    ra, dec = rng.uniform(0, 0.05, (2, 500))
    order = rng.permutation(500)
    first, second = linked(ra, dec, 5.0)[order], linked(ra[order], dec[order], 5.0)
    pairs = np.unique(np.column_stack([first, second]), axis=0)
    assert len(pairs) == first.max() + 1 == second.max() + 1 > 50


def test_what_has_no_position_is_of_no_object() -> None:
    assert linked([1.0, np.nan, 1.0, 2.0], [0.0, 0.0, np.nan, 0.0], 3.0).tolist() == [0, -1, -1, 1]
    assert linked([np.nan], [np.nan], 3.0).tolist() == [-1]
    assert linked([], [], 3.0).tolist() == []


def test_a_radius_that_is_none_is_refused() -> None:
    for radius in (0.0, -1.0, 1e5, float("nan")):
        with pytest.raises(ProductError, match=r"give 0\.5 to 3600 arcsec"):
            checked_radius(radius)


def test_published_visits_of_the_flare_catalogue_are_730_objects() -> None:
    shared = Path(__file__).resolve().parents[4] / "shared" / "real"
    path = shared / "gfcat-visits-ra-below-180.csv"
    if not path.is_file():
        pytest.skip("needs ../shared/real")
    visits = np.genfromtxt(path, delimiter=",", names=True, dtype=None, encoding="utf-8")
    labels = linked(visits["ra"], visits["dec"], 10.0)
    assert (len(labels), labels.max() + 1) == (1000, 730)
