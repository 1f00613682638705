"""Visits by place, survey, date, exposure and number, ingested or not."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import shapely
from astropy.coordinates import SkyCoord
from astropy.table import Table
from astropy.units import Quantity

from gphoton_db.archive import Archive
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.aspect.sphere import separation
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import BoresightRecord
from gphoton_db.catalogue.visits import KnownVisits
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.search_options import SearchOptions
from tests.archives import SessionArchive
from tests.shared import own_copy

RANDOM = np.random.default_rng(7)
N = 3000
RA0 = RANDOM.uniform(0, 360, N)
DEC0 = np.degrees(np.arcsin(RANDOM.uniform(-1, 1, N)))
DEC0[:300] = RANDOM.uniform(86, 90, 300)

FIELD_DEG = 0.625

DAY = 86400.0
T0 = 774595000.0
"""2004-07-23T05:16:40 UTC."""


def visits() -> KnownVisits:
    """Return visits all over the sky, one a day: every third is DIS, every fifth without FUV."""
    metadata = [
        VisitMetadata(
            k + 1,
            "DIS" if k % 3 == 0 else "AIS",
            eclipse_start=T0 + DAY * k,
            nuv_det_on_time=100.0 + k,
            fuv_det_on_time=0.0 if k % 5 == 0 else None,
        )
        for k in range(N)
    ]
    places = zip(RA0.tolist(), DEC0.tolist(), strict=True)
    boresights = [
        BoresightRecord(k + 1, 0, ra, dec, t0=T0 + DAY * k) for k, (ra, dec) in enumerate(places)
    ]
    return KnownVisits.of([*metadata, VisitMetadata(9999, "CAI")], boresights)


OTHER_FORMATS = ("ecsv", "csv", "parquet")
"""Tables of all kinds are written to them in the same way."""


@pytest.fixture(scope="module")
def sky(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive that knows `visits`, and has none of them."""
    root = tmp_path_factory.mktemp("sky") / "archive"
    Archive(root, create=True).close()
    Catalogue(ArchivePaths(root)).note_visits(visits())
    return root


@pytest.fixture(scope="module")
def archive(sky: Path) -> Iterator[Archive]:
    with Archive(sky) as opened:
        yield opened


def eclipses(table: Table) -> list[int]:
    return sorted(table["eclipse"].tolist())


@pytest.mark.parametrize(
    ("ra", "dec", "radius_deg"),
    [(120.0, -30.0, 0.0), (0.01, 5.0, 20.0), (359.99, -40.0, 12.0), (77.0, 89.9, 3.0), (0, -90, 5)],
)
def test_a_cone_finds_the_fields_that_reach_it(
    ra: float, dec: float, radius_deg: float, archive: Archive
) -> None:
    found = archive.search(ra, dec, radius=radius_deg * 3600, bands="NUV")
    away = separation(RA0, DEC0, ra, dec)
    expected = np.flatnonzero(away <= radius_deg + FIELD_DEG) + 1
    assert eclipses(found) == expected.tolist()
    order = np.argsort(found["eclipse"])
    assert found["separation"][order] / 3600 == pytest.approx(away[expected - 1], abs=1e-9)


@pytest.mark.parametrize(
    "box",
    [
        (350.0, 10.0, -5.0, 25.0),
        (-10.0, 10.0, -5.0, 25.0),
        (40.0, 220.0, 88.0, 89.0),
        (200.0, 200.0, -60.0, -20.0),
        pytest.param((100.0, 130.0, -10.0, 10.0), marks=pytest.mark.deep),
        pytest.param((0.0, 360.0, 87.0, 90.0), marks=pytest.mark.deep),
    ],
)
def test_a_box_finds_the_fields_that_reach_into_it(
    box: tuple[float, float, float, float], archive: Archive
) -> None:
    ra_min, ra_max, dec_min, dec_max = box
    width = ra_max - ra_min if ra_max >= ra_min else ra_max - ra_min + 360
    ra = ra_min + width * np.linspace(0, 1, 200)
    dec = np.linspace(dec_min, dec_max, 200)
    rim = np.concatenate(
        [
            np.stack([ra, np.full(200, dec_min)]),
            np.stack([ra, np.full(200, dec_max)]),
            np.stack([np.full(200, ra_min), dec]),
            np.stack([np.full(200, ra_max), dec]),
        ],
        axis=1,
    )
    nearest = separation(RA0[:, None], DEC0[:, None], rim[0], rim[1]).min(axis=1)
    inside = ((RA0 - ra_min) % 360 <= width) & (DEC0 >= dec_min) & (DEC0 <= dec_max)
    found = set(eclipses(archive.search(box=box, bands="NUV")))
    # Points of the rim are some tenths of a degree apart.
    assert set((np.flatnonzero(inside | (nearest <= FIELD_DEG)) + 1).tolist()) <= found
    assert found <= set((np.flatnonzero(inside | (nearest <= FIELD_DEG + 0.02)) + 1).tolist())
    assert found


def test_surveys_dates_exposures_and_numbers_narrow_it_down(archive: Archive) -> None:
    found = archive.search(
        bands="NUV",
        plan_types="dis",
        since="2004-07-31",
        until="2004-08-20T12:00:00+02:00",
        min_exposure=115,
        eclipses=(1, 25),
    )
    assert eclipses(found) == [16, 19, 22, 25]
    assert set(found["plan_type"]) == {"DIS"}
    assert found["utc"][0] == "2004-08-07T05:16:40.000"
    assert found["on_time"].tolist() == [115.0, 118.0, 121.0, 124.0]
    assert np.isnan(found["exposure"]).all()


def test_what_is_not_known_fulfils_no_condition(archive: Archive) -> None:
    everything = archive.search(eclipses=(9999, 9999))
    assert everything["leg"].mask.all()
    assert everything["utc"].tolist() == ["", ""]
    for condition in ({"since": "1990-01-01"}, {"min_exposure": 0}, {"ra": 10, "dec": 10}):
        assert len(archive.search(eclipses=(9999, 9999), **condition)) == 0


def test_a_detector_that_was_off_saw_nothing(archive: Archive) -> None:
    assert archive.search(eclipses=(1, 6), bands="FUV")["eclipse"].tolist() == [2, 3, 4, 5]


def test_columns_say_what_they_are(archive: Archive) -> None:
    found = archive.search(eclipses=(2, 2))
    assert found["band"].tolist() == ["FUV", "NUV"]
    assert found["command"][0] == "gphoton-db ingest 2 FUV"
    assert all(found[name].description for name in found.colnames)
    assert (found["ra0"].unit, found["t0"].unit, found["separation"].unit) == ("deg", "s", "arcsec")
    new = archive.search_rows(options=SearchOptions(eclipses=(2, 2))).to_ingest()
    assert new == [(2, Band.FUV), (2, Band.NUV)]


def test_positions_may_be_written_in_many_ways(archive: Archive) -> None:
    place = SkyCoord(RA0[500], DEC0[500], unit="deg")
    words = place.to_string("hmsdms", sep=":").split()
    for position in (place,), (place.ra, place.dec), words:
        found = archive.search(*position, radius=Quantity(0.5, "arcmin"))
        assert 501 in found["eclipse"]


@pytest.mark.parametrize(
    "ending",
    ["fits", "vot", *(pytest.param(each, marks=pytest.mark.deep) for each in OTHER_FORMATS)],
)
def test_it_can_be_written(ending: str, archive: Archive, tmp_path: Path) -> None:
    found = archive.search(eclipses=(9990, 9999))
    more = archive.search(eclipses=(1, 2))
    for table in (found, more):
        path = archive.write_measured(table, tmp_path / f"visits.{ending}")
        read = Table.read(path, format="votable") if ending == "vot" else Table.read(path)
        assert read["eclipse"].tolist() == table["eclipse"].tolist()
        assert [str(band).strip() for band in read["band"]] == table["band"].tolist()
    if ending == "vot":
        assert read["ra0"].unit == "deg"
        assert (
            read["on_time"].description
            == "Time of the whole eclipse at the band's nominal high voltage"
        )


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ({"ra": 10, "dec": 91}, "declination of 91 deg"),
        ({"ra": float("nan"), "dec": 0}, "no angle"),
        ({"ra": 10}, "dec is missing"),
        ({"radius": 10}, "a radius needs a position"),
        ({"ra": 10, "dec": 10, "radius": -1}, "a radius of -1 arcsec"),
        ({"box": (1, 2, 3)}, "no box"),
        ({"box": (1, 2, "x", 4)}, "no box"),
        ({"box": (1, 2, 5, 4)}, "no box"),
        ({"box": (1, 2, 3, 91)}, "no box"),
        ({"box": (1, float("nan"), 3, 4)}, "no box"),
        ({"since": "yesterday"}, "no time"),
        ({"since": "2005-01-01", "until": "2004-01-01"}, "no time lies"),
        ({"min_exposure": float("nan")}, "give 0 s or more"),
        ({"eclipses": (2, 1)}, "no eclipse lies"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(
    condition: dict[str, Any], message: str, archive: Archive
) -> None:
    with pytest.raises(ProductError, match=message):
        archive.search(**condition)


def test_words_of_a_condition_are_words(archive: Archive) -> None:
    assert len(archive.search(plan_types="'; DROP TABLE legs; --")) == 0
    assert len(archive.search(plan_types=["AIS", "x' OR 1=1"], eclipses=(1, 3))) > 0


def test_ingested_legs_are_told_from_others(
    two_bands: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = own_copy(tmp_path_factory, two_bands.archive_path)
    eclipse = two_bands.visit.eclipse
    known = [BoresightRecord(eclipse, 0, 10.0, 10.0), BoresightRecord(20000, 0, 150.1, 2.2)]
    Catalogue(ArchivePaths(root)).note_visits(KnownVisits.of(boresights=known))
    with Archive(root) as archive:
        assert len(archive.search(10.0, 10.0)) == 0
        found = archive.search(150.1, 2.2)
        assert found["ingested"].tolist().count(True) == 2
        assert eclipses(archive.search(150.1, 2.2, ingested=False)) == [20000, 20000]
        mine = archive.search(150.1, 2.2, ingested=True, min_exposure=1)
        exposures = [leg.exposure for leg in archive.legs()]
        assert sorted(mine["exposure"].tolist()) == sorted(exposures)
        assert mine["command"].tolist() == ["", ""]
        assert np.isfinite(mine["t1"]).all()


def test_the_true_outline_of_an_ingested_leg_decides_at_its_rim(one_leg: SessionArchive) -> None:
    with Archive(one_leg.archive_path) as archive:
        (leg,) = archive.legs()
        (stored,) = archive.query("SELECT partial FROM coverage").rows()
        rim = shapely.get_coordinates(shapely.from_wkb(stored["partial"]))
        away = separation(rim[:, 0], rim[:, 1], leg.ra0, leg.dec0)
        # The circle holds all of the field, so it is larger than the field in most directions.
        ra, dec = rim[np.argmin(away)]
        outwards = 1 + 0.5 * (leg.radius - away.min()) / away.min()
        beyond = leg.ra0 + (ra - leg.ra0) * outwards, leg.dec0 + (dec - leg.dec0) * outwards
        inwards = leg.ra0 + (ra - leg.ra0) * 0.999, leg.dec0 + (dec - leg.dec0) * 0.999
        assert separation(*beyond, leg.ra0, leg.dec0) < leg.radius
        assert len(archive.search(*inwards, ingested=True)) == 1
        assert len(archive.search(*beyond, ingested=True)) == 0
        gap = 3600 * (separation(*beyond, leg.ra0, leg.dec0) - away.min())
        assert len(archive.search(*beyond, radius=gap + 30, ingested=True)) == 1


def test_so_does_an_imported_one(sky: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(sky, tmp_path / "archive"))
    ra0, dec0 = RA0[1000], DEC0[1000]
    narrow = shapely.to_wkb(shapely.box(ra0 - 0.1, dec0 - 0.1, ra0 + 0.1, dec0 + 0.1))
    regions = {name: [narrow] for name in ("partial", "full_400", "full_370", "full_350")}
    tables = tmp_path / "tables"
    tables.mkdir()
    pq.write_table(
        pa.table({"eclipse": [1001], "leg": [1], **regions}), tables / "leg_aperture.parquet"
    )
    with Archive(root) as archive:
        assert 1001 in archive.search(ra0, dec0 + 0.6)["eclipse"]
        archive.import_pointing(tables)
        assert 1001 not in archive.search(ra0, dec0 + 0.6)["eclipse"]
        assert 1001 in archive.search(ra0, dec0 + 0.6, radius=0.51 * 3600)["eclipse"]
        assert 1001 in archive.search(ra0, dec0)["eclipse"]
