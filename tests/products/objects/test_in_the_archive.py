"""Objects, matches and checks of astrometry in an archive: kept, added to, lost, verified."""

import json
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from astropy.table import Table

from gphoton_db.archive import Archive
from gphoton_db.errors import ArchiveError, ProductError
from gphoton_db.products.objects.keep import store_survey
from gphoton_db.schemas import OBJECTS
from tests.archives import SessionArchive
from tests.gphoton_db.conftest import Cli
from tests.products.objects.entry_files import keep_detections, keep_entries, star_places
from tests.shared import own_copy

FIRST, SECOND = 23500, 23510
RA0, DEC0 = 150.1, 2.3
N = 60


@pytest.fixture(scope="module")
def with_entries(
    overlapping_visits: SessionArchive, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Two visits of one field, the first with entries of 60 stars; not to be changed."""
    root = tmp_path_factory.mktemp("with-entries") / "archive"
    shutil.copytree(overlapping_visits.archive_path, root)
    with Archive(root) as archive:
        keep_entries(archive, FIRST, *stars(), radius=np.full(N, 6.0))
    return root


@pytest.fixture
def archive(with_entries: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Archive]:
    with Archive(own_copy(tmp_path_factory, with_entries)) as opened:
        yield opened


def stars(*, shift: float = 0.0, seed: int = 0) -> tuple[Any, Any]:
    """Return where a visit sees the stars, arcsec to the north of where they are."""
    east, north = star_places(N)
    noise = np.random.default_rng(seed).normal(0, 0.2 / 3600, (2, N))
    dec = DEC0 + north + noise[1] + shift / 3600
    return RA0 + (east + noise[0]) / np.cos(np.radians(dec)), dec


def rows(archive: Archive, what: str) -> list[dict[str, Any]]:
    return archive.query(f"FROM {what}").rows()


def test_objects_are_kept_and_visits_of_one_are_listed_with_and_without_a_source(
    archive: Archive,
) -> None:
    made = archive.objects()
    assert (made.n_objects, made.n_new, made.n_sources, made.n_visits) == (N, N, N, 1)
    assert {row["n_covered"] for row in rows(archive, "objects")} == {2}  # the second saw them, too
    before = rows(archive, "survey_files ORDER BY kind")
    again = archive.objects()  # nothing has changed
    assert (again.changed, again.n_objects, again.n_new) == (False, N, 0)
    assert rows(archive, "survey_files ORDER BY kind") == before
    found = archive.named_query("visits_of_object", object=1).rows()
    assert [(row["eclipse"], row["source_id"] is None) for row in found] == [
        (FIRST, False),
        (SECOND, True),
    ]
    assert all(row["nuv_exposure"] > 30 and row["fuv_exposure"] is None for row in found)
    with pytest.raises(ArchiveError, match="another process has made objects meanwhile"):
        store_survey(
            archive._catalogue, [("objects", OBJECTS.empty_table(), {})], {"objects": None}
        )
    assert len(rows(archive, "objects")) == N
    assert archive.objects(4.0).changed


def test_objects_are_added_to_and_visits_measured_in_different_apertures_are_said(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    archive.objects()
    first = rows(archive, "objects ORDER BY object_id")
    measured: dict[str, Any] = {"nuv_cps_bgsub": np.full(N, 4.0), "radius": np.full(N, 6.0)}
    keep_entries(archive, SECOND, *stars(seed=1), **measured)
    made = archive.objects()
    assert (made.n_objects, made.n_new, made.n_visits, made.flagged) == (N, 0, 2, {})
    second = rows(archive, "objects ORDER BY object_id")
    assert [row["object_id"] for row in second] == [row["object_id"] for row in first]
    assert {(row["n_visits"], row["nuv_cps_bgsub"], row["nuv_measured"]) for row in second} == {
        (2, 3.0, 2)
    }
    assert second[0]["nuv_chi2"] == pytest.approx(2 / 0.2**2)
    visits = rows(archive, f"object_visits WHERE object_id = {first[0]['object_id']}")
    assert [row["eclipse"] for row in visits] == [FIRST, SECOND]
    assert [row["nuv_cps_bgsub"] for row in visits] == [2.0, 4.0]
    assert rows(archive, "survey_files WHERE kind = 'objects'")[0]["n_rows"] == N
    assert "different apertures" not in caplog.text
    keep_entries(archive, SECOND, *stars(seed=1), name="b", radius=np.full(N, 12.8))
    archive.objects()
    assert "different apertures (6, 12.8 arcsec)" in caplog.text


def test_they_are_found_again_when_the_catalogue_is_lost(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    keep_entries(archive, SECOND, *stars(seed=1))
    archive.objects(4.0)
    archive.objects()  # those of before stay for a while, and are no longer what counts
    archive.match(Table(dict(zip(("ra", "dec"), stars(), strict=True))))
    views = ("objects", "object_visits", "astrometry", "survey_files")
    before = {view: rows(archive, f"{view} ORDER BY ALL") for view in views}
    archive.close()
    (archive.paths.root / "gphoton.duckdb").unlink()
    with Archive(archive.paths.root) as anew:
        for view in views:
            assert rows(anew, f"{view} ORDER BY ALL") == before[view]
        assert anew.objects().n_new == 0
        (damaged,) = (anew.paths.root / "survey").glob("astrometry-*")
        damaged.write_bytes(damaged.read_bytes()[:80])
        anew.close()
        (anew.paths.root / "gphoton.duckdb").unlink()
    with caplog.at_level(logging.WARNING), Archive(archive.paths.root) as anew:
        assert rows(anew, "astrometry") == []
    assert f"{damaged}: left out" in caplog.text


def test_verify_looks_at_their_files(archive: Archive) -> None:
    archive.objects()
    assert archive.verify(deep=True).faults == ()
    root = archive.paths.root
    (file,) = (root / "survey").glob("objects-*")
    shutil.copyfile(file, root / "survey" / "objects-0.parquet")
    file.write_bytes(file.read_bytes()[:-1])
    found = archive.verify()
    assert [fault.path for fault in found.faults] == [file.relative_to(root).as_posix()]
    assert any("objects-0.parquet: no catalogue lists it" in each for each in found.remarks)
    file.unlink()
    # A file that is gone is in the way of no commit, and objects are linked anew.
    keep_entries(archive, SECOND, *stars(seed=1))
    assert rows(archive, "objects") == []
    assert archive.objects().n_objects == N
    assert archive.verify().faults == ()


def test_no_entries_and_a_wrong_radius_are_said(overlapping_visits: SessionArchive) -> None:
    with Archive(overlapping_visits.archive_path) as archive:
        with pytest.raises(ProductError, match="has no catalogue entries to link"):
            archive.objects()
        with pytest.raises(ProductError, match="has no catalogue entries to match"):
            archive.match(Table({"ra": [1.0], "dec": [1.0]}))
        with pytest.raises(ProductError, match=r"give 0\.5 to 3600 arcsec"):
            archive.objects(0)


def test_matches_are_returned_and_astrometry_is_kept_and_replaced_by_another_match(
    archive: Archive, caplog: pytest.LogCaptureFixture
) -> None:
    # NUV detected its sources 2 arcsec south of where the entries are.
    ra, dec = stars()
    keep_detections(archive, FIRST, ra, dec - 2 / 3600)
    keep_entries(archive, SECOND, *stars(seed=1))
    table = Table({"ra": ra[:50], "dec": dec[:50], "name": [f"star {k}" for k in range(50)]})
    with caplog.at_level(logging.WARNING):
        found = archive.match(table, name="stars")
    assert (len(found), found.meta["N_MATCHED"]) == (2 * N, 100)
    assert set(found["name"][found["row"] >= 0]) == set(table["name"])
    assert set(found["name"][found["row"] < 0]) == {""}
    assert found["separation"].unit == "arcsec"
    assert f"e{FIRST} NUV leg 0: positions are 2.00 arcsec off" in caplog.text
    first, second = rows(archive, "astrometry ORDER BY eclipse")
    assert (first["eclipse"], first["band"], first["catalog"]) == (FIRST, "NUV", "stars")
    assert (first["n_sources"], first["n_matched"], first["n_used"]) == (N, 50, 50)
    assert (first["shift_ra"], first["shift_dec"]) == pytest.approx((0.0, -2.0), abs=1e-3)
    assert np.hypot(second["shift_ra"], second["shift_dec"]) < 0.15
    assert 0.15 < second["scatter_dec"] < 0.45  # of twice 0.2
    joined = archive.query("FROM astrometry JOIN legs USING (eclipse, band, leg, generation)")
    assert len(joined.rows()) == 2
    # Another match takes the place of what it is of.
    archive.match(table, 5.0, name="stars", eclipses=[SECOND])
    archive.match(table, name="b", eclipses=[FIRST])
    kept = {(row["eclipse"], row["catalog"]): row["radius"] for row in rows(archive, "astrometry")}
    assert kept == {(FIRST, "stars"): 3.0, (SECOND, "stars"): 5.0, (FIRST, "b"): 3.0}


def test_proper_motion_is_that_of_the_date_of_the_visit(archive: Archive) -> None:
    (visit,) = archive.query(
        f"SELECT 2000 + (galex_to_mjd(t0) - 51544.5) / 365.25 AS year FROM legs "
        f"WHERE eclipse = {FIRST}"
    ).rows()
    ra, dec = stars()
    table = Table({"ra": ra, "dec": dec + (2016 - visit["year"]) * 0.5 / 3600})
    table["pmra"], table["pmdec"] = np.zeros(N), np.full(N, 500.0)
    found = archive.match(table, 1.0, epoch=2016.0)
    assert found.meta["N_MATCHED"] == N
    assert np.median(found["separation"].value) < 0.01


def test_commands(archive: Archive, cli: Cli, tmp_path: Path) -> None:
    archive.close()
    root = f"--archive={archive.paths.root}"
    names = [f"star {k}" for k in range(N)]
    table = Table([*stars(), names], names=("ra", "dec", "name"))
    table.write(tmp_path / "stars.csv")
    path = str(tmp_path / "stars.csv")
    made = cli(root, "objects")
    assert "60 objects (60 new) of 60 sources of 1 visit, linked within 3 arcsec" in made.out
    assert json.loads(cli(root, "objects", "--json").out)["changed"] is False
    found = cli(root, "match", path, "--output", str(tmp_path / "matches.fits"))
    assert "60 of 60 sources have a row within 3 arcsec" in found.err
    written = Table.read(tmp_path / "matches.fits")
    assert sorted(str(name).strip() for name in written["name"]) == sorted(names)
    refused = cli(root, "match", path, "--pm")
    assert refused.code == 1
    assert "has no columns of proper motion" in refused.err
