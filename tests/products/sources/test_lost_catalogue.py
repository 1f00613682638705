"""Sources and photometry are found again when the catalogue is lost."""

import logging
from pathlib import Path
from typing import Any

import pytest
from astropy.table import Table
from tests.archives import SessionArchive, Star
from tests.shared import own_copy

from gphoton_db.archive import Archive

VIEWS = ("sources", "photometry")


@pytest.fixture
def root(one_leg: SessionArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own_copy(tmp_path_factory, one_leg.archive_path)


def one_star(one_leg: SessionArchive) -> Table:
    star = one_leg.star(Star.BRIGHT)
    return Table({"ra": [star.ra], "dec": [star.dec]})


def rows_of(archive: Archive) -> dict[str, list[dict[str, Any]]]:
    return {view: archive.query(f"FROM {view} ORDER BY ALL").rows() for view in VIEWS}


def lose_the_catalogue(root: Path) -> None:
    (root / "gphoton.duckdb").unlink()


def test_the_latest_of_each_are_found_again(root: Path, one_leg: SessionArchive) -> None:
    stars = one_star(one_leg)
    with Archive(root) as archive:
        archive.photometry(23500, "NUV", radii=9, catalog=stars)
        archive.photometry(23500, "NUV", radii=(6, 9), catalog=stars)  # in the first one's place
        archive.photometry(23500, "NUV", radii=9, catalog=stars, method="photon", depth=20)
        before = rows_of(archive)
    lose_the_catalogue(root)
    with Archive(root) as archive:
        assert rows_of(archive) == before
        (row,) = archive.query("SELECT count(*) AS n FROM superseded_files").rows()
    assert all(before.values())
    assert row["n"] > 0  # they stay for a while, and go


def test_those_of_an_earlier_ingest_are_not(root: Path, one_leg: SessionArchive) -> None:
    with Archive(root) as archive:
        archive.photometry(23500, "NUV", radii=9, catalog=one_star(one_leg))
        (calibration,) = archive.query("SELECT DISTINCT directory FROM calibration_files").rows()
        visit = one_leg.visit
        archive.ingest(
            *(23500, "NUV"),
            raw6=visit.raw6,
            pointing=visit.pointing,
            calibration=calibration["directory"],
            force=True,
        )
    lose_the_catalogue(root)
    with Archive(root) as archive:
        assert rows_of(archive) == {"sources": [], "photometry": []}


def test_damaged_files_are_left_out(
    root: Path, one_leg: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    with Archive(root) as archive:
        archive.photometry(23500, "NUV", radii=9, catalog=one_star(one_leg))
        sources = archive.query("FROM sources").rows()
    (photometry,) = (root / "photometry").rglob("*.parquet")
    photometry.write_bytes(photometry.read_bytes()[:100])
    lose_the_catalogue(root)
    with caplog.at_level(logging.WARNING), Archive(root) as archive:
        assert rows_of(archive) == {"sources": sources, "photometry": []}
    assert f"{photometry}: left out" in caplog.text
