"""Which detections of two bands are of one source."""

from dataclasses import replace

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.mission import Band
from gphoton_db.products.catalogue.detections import BandField
from gphoton_db.products.catalogue.merging import MatchFlag, merge_bands
from gphoton_db.products.geometry import ImageGeometry
from gphoton_db.products.sources.catalog import DETECTED
from gphoton_db.products.sources.store import file_of_sources
from tests.archives import SessionArchive

ARCSEC = 1 / 3600


def field(
    archive: SessionArchive, places: list[tuple[float, float]], counts: float = 100.0
) -> BandField:
    """Return detections at some places, arcsec to the east and north of (0, 60)."""
    with Archive(archive.archive_path) as opened:
        (leg,) = opened.legs()
    east, north = np.array(places, float).reshape(-1, 2).T
    dec = 60 + north * ARCSEC
    ra = (east * ARCSEC / np.cos(np.radians(dec))) % 360
    number = np.arange(1, len(ra) + 1)
    geometry = ImageGeometry.centred(0.0, 60.0, 0.1, 0.1, 1.5)
    coverage = np.zeros(geometry.shape, np.uint8)
    full = np.full(len(ra), counts)
    sources = file_of_sources(leg, DETECTED, Table({"source": number, "ra": ra, "dec": dec}))
    return BandField(leg, number, ra, dec, full, geometry, coverage, None, 100.0, sources)


def test_mutual_nearest_neighbours(one_leg: SessionArchive) -> None:
    nuv = field(one_leg, [(0, 0), (30, 10), (60, 20), (61.5, 20.5)], counts=300)
    fuv = field(one_leg, [(-1.0, 0), (30, 13.5), (60.3, 20)])
    merged = merge_bands({Band.NUV: nuv, Band.FUV: fuv})
    rows = list(zip(merged.row[Band.NUV], merged.row[Band.FUV], merged.flag, strict=True))
    assert rows == [
        (0, 0, MatchFlag.BEST),
        (1, -1, MatchFlag.SINGLE),
        (-1, 1, MatchFlag.SINGLE),
        (2, 2, MatchFlag.AMBIGUOUS),
        (3, -1, MatchFlag.AMBIGUOUS),
    ]
    # Across RA 0, and three times as near to what has three times the counts.
    assert merged.separation[0] == pytest.approx(1.0, abs=1e-6)
    east = (merged.ra[0] + 180) % 360 - 180
    assert east * np.cos(np.radians(60)) / ARCSEC == pytest.approx(-0.25, abs=1e-6)
    assert np.isnan(merged.separation[1])


@pytest.mark.parametrize("empty", [Band.NUV, Band.FUV])
def test_a_band_without_detections(one_leg: SessionArchive, empty: Band) -> None:
    fields = {band: field(one_leg, [] if band is empty else [(0, 0), (9, 9)]) for band in Band}
    merged = merge_bands(fields)
    assert merged.flag.tolist() == [MatchFlag.SINGLE] * 2
    assert merged.row[empty].tolist() == [-1, -1]


def test_one_band_alone_and_nothing_at_all(one_leg: SessionArchive) -> None:
    alone = merge_bands({Band.FUV: field(one_leg, [(0, 5), (0, 0)])})
    assert alone.row[Band.FUV].tolist() == [1, 0]  # by declination
    nothing = field(one_leg, [])
    assert len(merge_bands({Band.NUV: nothing, Band.FUV: replace(nothing)})) == 0
    assert len(merge_bands({Band.NUV: nothing})) == 0
