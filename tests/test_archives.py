"""The session archives hold what their names say, and stay small."""

import numpy as np
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.simulate.scene import Origin
from tests.archives import ARCHIVES, MakeArchive, SessionArchive, Star


def legs_of(made: SessionArchive) -> list[LegRecord]:
    with Archive(made.archive_path) as archive:
        return archive.legs()


OF_THIS_FILE = ("multi_leg", "post_csp")
"""Archives that no other test reads: they are made with `make test-deep` alone."""
NAMES = [
    pytest.param(name, marks=pytest.mark.deep) if name in OF_THIS_FILE else name
    for name in ARCHIVES
]


@pytest.mark.parametrize("name", NAMES)
def test_every_archive_holds_its_visits_and_is_small(
    session_archive: MakeArchive, name: str
) -> None:
    made = session_archive(name)
    assert session_archive(name) is made
    legs = legs_of(made)
    assert sorted((leg.eclipse, leg.band, leg.leg) for leg in legs) == sorted(
        (visit.eclipse, str(visit.band), leg.number) for visit in made.visits for leg in visit.legs
    )
    assert all(leg.calibration.startswith("synthetic-") for leg in legs)
    assert sum(leg.n_photons for leg in legs) < 300_000


def test_two_bands_share_their_pointing(two_bands: SessionArchive) -> None:
    nuv, fuv = two_bands.visits
    assert (nuv.band, fuv.band) == (Band.NUV, Band.FUV)
    assert nuv.legs[0].boresight == fuv.legs[0].boresight
    assert nuv.scene.sources == fuv.scene.sources


@pytest.mark.deep
def test_there_are_ghosts_after_csp(post_csp: SessionArchive) -> None:
    assert sum(leg.n_ghost for leg in legs_of(post_csp)) > 100


def test_the_field_across_ra_0_wraps(across_ra_0: SessionArchive) -> None:
    (leg,) = legs_of(across_ra_0)
    assert leg.ra_min > 358 > 2 > leg.ra_max
    ra = [source.ra for source in across_ra_0.visit.scene.sources]
    assert min(ra) < 1
    assert max(ra) > 359


def test_the_empty_sky_is_nearly_empty(empty_sky: SessionArchive) -> None:
    (leg,) = legs_of(empty_sky)
    assert 0 < leg.n_unflagged < 50


def test_both_overlapping_visits_see_the_same_star(overlapping_visits: SessionArchive) -> None:
    star = overlapping_visits.star(Star.BRIGHT)
    stretch = np.cos(np.radians(star.dec))
    query = """
        SELECT eclipse, count(*) AS n FROM photons
        WHERE flags = 0 AND abs(dec - $dec) < 10 / 3600 AND abs(ra - $ra) * $stretch < 10 / 3600
        GROUP BY eclipse ORDER BY eclipse
    """
    with Archive(overlapping_visits.archive_path) as archive:
        rows = archive.query(query, {"ra": star.ra, "dec": star.dec, "stretch": stretch}).rows()
    assert [row["eclipse"] for row in rows] == [23500, 23510]
    assert min(row["n"] for row in rows) > 0.7 * 54 * 60


@pytest.mark.parametrize("name", [name for name in NAMES if name != "empty_sky"])
def test_stars_galaxies_and_the_hotspot_are_seen(session_archive: MakeArchive, name: str) -> None:
    made = session_archive(name)
    for visit in made.visits:
        seen = set(visit.truth.origin.tolist())
        assert set(range(len(visit.scene.sources) + len(visit.scene.galaxies))) < seen
        assert Origin.HOTSPOT in seen
    with Archive(made.archive_path) as archive:
        masked = archive.query("SELECT count(*) AS n FROM photons WHERE mask").rows()
    assert masked[0]["n"] > 300 * len(made.visits)
    assert made.star(Star.FLARING).light_curve.kind == "flare"
