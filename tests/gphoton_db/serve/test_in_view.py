"""Which legs an answer has: all about a position, and of too many those that are spread out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.aspect.sphere import unit_vectors
from gphoton_db.mission import Band
from gphoton_db.serve.in_view import VIEW_PARAMETERS, LegsInView, begin_with, legs_in_view
from gphoton_db.serve.opened import ServedLegs
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.refusals import RequestError
from tests.gphoton_db.serve.conftest import Client

N_VISITS = 6000
ALWAYS = ["api/info", "api/legs?limit=2000"]


@pytest.fixture
def legs(served: Archive) -> ServedLegs:
    """Visits all over the sky, all in NUV and every third in FUV; many of them about one place."""
    random = np.random.default_rng(4)
    ra, dec = (
        random.uniform(0, 360, N_VISITS),
        np.degrees(np.arcsin(random.uniform(-1, 1, N_VISITS))),
    )
    ra[:3000], dec[:3000] = 10 + random.normal(0, 0.3, (2, 3000))
    nuv = next(leg for leg in served.legs() if leg.band == "NUV")
    made = [
        replace(nuv, eclipse=k, band=band, ra0=ra[k], dec0=dec[k], exposure=float(k % 1000))
        for k in range(N_VISITS)
        for band in ("NUV", "FUV")[: 1 + (k % 3 == 0)]
    ]
    return ServedLegs.of("now", made)


def asked(**given: object) -> Parameters:
    return Parameters([(name, str(value)) for name, value in given.items()], VIEW_PARAMETERS)


def visits_in(view: LegsInView) -> set[int]:
    return {leg.eclipse for leg in view.legs}


def distances(legs: Sequence[tuple[float, float]], ra: float, dec: float) -> list[float]:
    vectors = unit_vectors(*np.array(legs).T)
    return list(np.degrees(np.arccos(np.clip(vectors @ unit_vectors(ra, dec), -1, 1))))


def test_legs_about_a_position_are_all_those_whose_circle_comes_near(legs: ServedLegs) -> None:
    view = legs_in_view(legs, asked(ra=200, dec=30, radius=10 * 3600))
    far = distances([(leg.ra0, leg.dec0) for leg in legs.legs], 200, 30)
    near = [leg for leg, each in zip(legs.legs, far, strict=True) if each <= 10 + leg.radius]
    assert view.legs == near
    assert len(near) > 20
    assert not view.truncated
    of_band = legs_in_view(legs, asked(ra=200, dec=30, radius=10 * 3600), Band.FUV)
    assert of_band.legs == [leg for leg in near if leg.band == "FUV"]


def test_of_too_many_some_of_each_part_of_the_sky_are_left_in_all_their_bands(
    legs: ServedLegs,
) -> None:
    view = legs_in_view(legs, asked())
    assert view.truncated
    assert len(visits_in(view)) == 2000
    both = sum(eclipse % 3 == 0 for eclipse in visits_in(view))
    assert len(view.legs) == 2000 + both
    crowded = sum(eclipse < 3000 for eclipse in visits_in(view))
    assert crowded < 200
    # All about a place once it is looked at, and the longest while there are too many.
    assert not legs_in_view(legs, asked(ra=11.3, dec=10, radius=1000)).truncated
    few = legs_in_view(legs, asked(ra=10, dec=10, radius=3600, limit=3))
    assert min(leg.exposure for leg in few.legs) > 950


def test_what_is_no_view_is_refused(legs: ServedLegs) -> None:
    for given in ({"radius": 5}, {"ra": 1, "dec": 2}, {"limit": 0}, {"limit": 1_000_000}):
        with pytest.raises(RequestError):
            legs_in_view(legs, asked(**given))


def test_without_legs_there_is_none_in_view() -> None:
    none = ServedLegs.of("now", [])
    assert legs_in_view(none, asked()) == LegsInView([], truncated=False)
    assert legs_in_view(none, asked(ra=1, dec=2, radius=5)).legs == []


def test_the_page_begins_with_outlines_unless_they_are_many(
    legs: ServedLegs, client: Client
) -> None:
    assert begin_with(legs) == ALWAYS
    link = client.get("/").headers["link"]
    outlines = [f"api/coverage?band={band}&limit=2000" for band in ("NUV", "FUV")]
    expected = [f"</{each}>; rel=preload; as=fetch; crossorigin" for each in ALWAYS + outlines]
    assert link == ", ".join(expected)
