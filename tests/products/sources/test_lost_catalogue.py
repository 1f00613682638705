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


def test_the_latest_of_each_are_found_again_but_for_damaged_files(
    root: Path, one_leg: SessionArchive, caplog: pytest.LogCaptureFixture
) -> None:
    stars = one_star(one_leg)
    with Archive(root) as archive:
        archive.photometry(23500, "NUV", radii=9, catalog=stars, method="photon")
        in_its_place: dict[str, Any] = {"radii": (6, 9), "depth": 20, "method": "photon"}
        archive.photometry(23500, "NUV", catalog=stars, **in_its_place)
        archive.photometry(23500, "NUV", radii=9, catalog=stars)
        before = rows_of(archive)
    lose_the_catalogue(root)
    with Archive(root) as archive:
        assert rows_of(archive) == before
        superseded = archive.query("SELECT path FROM superseded_files").rows()
    assert all(before.values())
    assert superseded  # they stay for a while, and go
    damaged = list((root / "photometry").rglob("*.parquet"))
    for path in damaged:
        path.write_bytes(path.read_bytes()[:100])
    lose_the_catalogue(root)
    with caplog.at_level(logging.WARNING), Archive(root) as archive:
        assert rows_of(archive) == {"sources": before["sources"], "photometry": []}
    for path in damaged:
        assert f"{path}: left out" in caplog.text
