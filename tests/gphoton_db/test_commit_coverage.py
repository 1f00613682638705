"""What a leg saw is worked out where it is reduced; a commit only enters it."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from filelock import FileLock, Timeout

from gphoton_db.archive import Archive
from gphoton_db.aspect import coverage as geometry
from gphoton_db.aspect.coverage import REGIONS, CoverageRegions
from gphoton_db.aspect.pointing import Aspect, Boresight
from gphoton_db.catalogue.coverage import pointing_coverage
from gphoton_db.catalogue.records import LegRecord
from tests.gphoton_db.archives import Sources, changed_tables, ingest, make_old

Rows = list[tuple[Any, ...]]


def coverage_of(root: Path) -> Rows:
    names = ", ".join(("eclipse", "band", "leg", "generation", *REGIONS, "source"))
    with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as connection:
        return connection.execute(f"SELECT {names} FROM coverage ORDER BY ALL").fetchall()


def aspect_of(archive: Archive, leg: LegRecord) -> Aspect:
    columns = archive.query(
        "SELECT t_ms, ra, dec, roll, flags FROM aspect "
        "WHERE eclipse = ? AND band = ? AND leg = ? ORDER BY t_ms",
        [leg.eclipse, leg.band, leg.leg],
    ).arrow()
    return Aspect(*(column.to_numpy() for column in columns.columns))


def test_every_leg_has_the_regions_of_its_pointing(full_root: Path) -> None:
    with Archive(full_root) as archive:
        expected = [
            (
                *(leg.eclipse, leg.band, leg.leg, leg.generation),
                *geometry.regions_of_pointing(
                    aspect_of(archive, leg), Boresight(leg.ra0, leg.dec0, leg.roll0)
                )
                .to_wkb()
                .values(),
                "pointing",
            )
            for leg in archive.legs()
        ]
    assert len(expected) == 4
    assert coverage_of(full_root) == expected


@pytest.mark.parametrize("without", [pytest.param((), marks=pytest.mark.deep), ("coverage",)])
def test_a_catalogue_that_is_older_than_the_table_gets_the_same(
    without: tuple[str, ...], full_copy: Path
) -> None:
    before = coverage_of(full_copy)
    with changed_tables(full_copy, "coverage") as connection:
        connection.execute("DELETE FROM coverage WHERE leg = 1")
    make_old(full_copy, 3, without)
    Archive(full_copy).close()
    assert coverage_of(full_copy) == before


def test_no_geometry_is_done_while_others_wait_or_for_a_catalogue_that_was_lost(
    full_copy: Path, nuv: Sources, monkeypatch: pytest.MonkeyPatch
) -> None:
    worked_out = geometry.regions_of_pointing
    free = list[bool]()

    def watched(aspect: Aspect, boresight: Boresight) -> CoverageRegions:
        lock = FileLock(full_copy / "gphoton.lock", timeout=0)
        try:
            with lock:
                free.append(True)
        except Timeout:
            free.append(False)
        return worked_out(aspect, boresight)

    before = coverage_of(full_copy)
    monkeypatch.setattr(geometry, "regions_of_pointing", watched)
    with Archive(full_copy) as archive:
        ingest(archive, nuv, force=True)
    assert free == [True, True]
    after = coverage_of(full_copy)
    assert [row[:3] + row[4:] for row in after] == [row[:3] + row[4:] for row in before]
    assert [row[:2] for row in set(after) - set(before)] == [(nuv.eclipse, "NUV")] * 2
    (full_copy / "gphoton.duckdb").unlink()
    Archive(full_copy).close()
    assert coverage_of(full_copy) == after
    assert free == [True, True]  # the catalogue's own files have it
    (full_copy / "gphoton.duckdb").unlink()
    shutil.rmtree(full_copy / "catalogue" / "coverage")
    Archive(full_copy).close()
    assert coverage_of(full_copy) == after
    assert free == [True, True]  # the files of legs have it, too


def test_a_leg_without_a_good_fix_has_none_and_that_is_said(
    full_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with Archive(full_root) as archive:
        leg = archive.legs()[0]
        aspect = aspect_of(archive, leg)
    odd = Aspect(aspect.time_ms, aspect.ra, aspect.dec, aspect.roll, np.ones_like(aspect.flags))
    assert pointing_coverage(leg, odd) is None
    assert f"eclipse {leg.eclipse} FUV leg 0 has no coverage: the leg has no good" in caplog.text
