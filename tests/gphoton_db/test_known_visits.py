"""Visits that the catalogue knows of without their photons."""

import shutil
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import BoresightRecord
from gphoton_db.catalogue.visit_files import boresight_rows, metadata_rows
from gphoton_db.catalogue.visits import KnownVisits
from gphoton_db.errors import ArchiveError, PointingError
from gphoton_db.paths import ArchivePaths
from tests.gphoton_db.archives import Sources, ingest


def note(root: Path, visits: KnownVisits) -> None:
    Catalogue(ArchivePaths(root)).note_visits(visits)


def known(root: Path, table: str, *names: str) -> list[tuple[Any, ...]]:
    with Archive(root, create=True) as archive:
        rows = archive.query(f"SELECT {', '.join(names)} FROM {table} ORDER BY ALL").rows()
    return [tuple(row.values()) for row in rows]


def legs(eclipse: int, *places: tuple[float, float]) -> list[BoresightRecord]:
    return [BoresightRecord(eclipse, n, *place) for n, place in enumerate(places)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    with Archive(tmp_path / "archive", create=True) as archive:
        return archive.paths.root


def test_they_can_be_found_and_what_is_said_later_counts(root: Path) -> None:
    note(root, KnownVisits.of([VisitMetadata(20000, "MIS")], legs(20000, (10, 20), (11, 20))))
    with Archive(root, create=True) as archive:
        found = archive.find(11.1, 20.1, bands="NUV")
    assert [(row["eclipse"], row["leg"], row["ingested"]) for row in found] == [(20000, 1, False)]
    # What is left out stays.
    note(
        root, KnownVisits.of([VisitMetadata(20000, "MIS", plan_id=7)], legs(20000, (1, 2), (3, 4)))
    )
    note(root, KnownVisits.of([VisitMetadata(20000, "DIS")], legs(20000, (5, 6))))
    # Planned legs count where nothing better is known.
    note(root, KnownVisits.of(planned=[*legs(20000, (3, 4), (5, 6)), *legs(20001, (7, 8))]))
    with Archive(root) as archive:
        plans = archive.query("SELECT eclipse, plan_type, plan_id FROM eclipses").rows()
        places = archive.query("SELECT eclipse, leg, ra0, dec0 FROM boresights ORDER BY ALL").rows()
    assert [tuple(row.values()) for row in plans] == [(20000, "DIS", 7)]
    assert [tuple(row.values()) for row in places] == [(20000, 0, 5.0, 6.0), (20001, 0, 7.0, 8.0)]


def test_an_archive_that_cannot_be_written_is_said_to_be_as_it_was(
    root: Path, nuv: Sources
) -> None:
    (root / "pointing").symlink_to(nuv.pointing)
    (root / "gphoton.lock").unlink(missing_ok=True)
    (root / "gphoton.lock").mkdir()
    with (
        Archive(root, create=True) as archive,
        pytest.raises(ArchiveError, match=r"gphoton\.lock: .* as it was"),
    ):
        archive.note_visits([nuv.eclipse])


def test_what_an_ingest_knew_stays(full_copy: Path) -> None:
    before = known(full_copy, "eclipses", "plan_type", "visit", "fuv_tdc_temp")
    said = VisitMetadata(23500, "XYZ", visit=9, fuv_tdc_temp=-1.0)
    note(full_copy, KnownVisits.of([said], planned=legs(23500, (1, 2))))
    assert known(full_copy, "eclipses", "plan_type", "visit", "fuv_tdc_temp") == before
    assert known(full_copy, "boresights", "eclipse") == []


def test_an_ingest_without_metadata_keeps_what_was_known(
    root: Path, nuv: Sources, tmp_path: Path
) -> None:
    note(root, KnownVisits.of([VisitMetadata(nuv.eclipse, "XYZ", nuv_det_temp=21.5)]))
    aspect_only = tmp_path / "aspect"
    shutil.copytree(nuv.pointing, aspect_only, ignore=shutil.ignore_patterns("*scst*"))
    with Archive(root, create=True) as archive:
        ingest(archive, replace(nuv, pointing=aspect_only))
    assert known(root, "eclipses", "plan_type", "nuv_det_temp") == [("XYZ", 21.5)]


def test_they_survive_a_lost_catalogue(
    root: Path, nuv: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(nuv.pointing, root / "pointing")
    for folder, ra in (("consolidated", 10.0), ("e20000", 30.0)):
        (root / "pointing" / folder).mkdir()
        rows = {"eclipse": [20000], "leg": [1], "ra0": [ra], "dec0": [-3.0], "time": [8e8]}
        pq.write_table(pa.table(rows), root / "pointing" / folder / "boresight.parquet")
    damaged = root / "pointing" / "e20001"
    damaged.mkdir()
    (damaged / "metadata.parquet").write_bytes(b"PAR1")
    (root / "gphoton.duckdb").unlink()
    assert known(root, "boresights", "eclipse", "leg", "round(ra0, 1)", "t0") == [
        (20000, 0, 10.0, 8e8),
        (23500, 0, 323.5, None),
        (23500, 1, 324.5, None),
    ]
    assert [plan for (plan,) in known(root, "eclipses", "plan_type")] == ["MIS"]
    assert "e20001" in caplog.text


def test_those_of_the_pointing_files_can_be_noted(root: Path, nuv: Sources) -> None:
    shutil.copytree(nuv.pointing, root / "pointing")
    shutil.copytree(nuv.pointing.parent / "tables", root / "pointing" / "e23500")
    with Archive(root, create=True) as archive:
        assert archive.note_visits([23499, 23500]) == 1
        found = archive.search(323.5, -2.0)
    assert found["band"].tolist() == ["FUV", "NUV"]
    assert known(root, "boresights", "leg", "t0 IS NULL") == [(0, False), (1, False)]


@pytest.mark.parametrize(
    ("column", "values"), [("ra0", [nan, 1.0]), ("dec0", [91.0, 1.0]), ("leg", [0, 1])]
)
def test_rows_without_a_usable_place_are_left_out_and_said(
    column: str, values: list[float], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rows = {"eclipse": [1, 2], "leg": [1, 1], "ra0": [-1.0, 1.0], "dec0": [0.0, 1.0]}
    path = tmp_path / "boresight.parquet"
    pq.write_table(pa.table(rows | {column: values}), path)
    assert boresight_rows(path)["eclipse"].to_pylist() == [2]
    assert "1 rows without a usable number or position" in caplog.text


def test_an_eclipse_that_is_there_twice_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "metadata.parquet"
    pq.write_table(pa.table({"eclipse": [1, 2, 2], "visit": [1, 2, 3]}), path)
    with pytest.raises(PointingError, match="2 rows of eclipse 2"):
        metadata_rows(path)


def test_legs_that_are_off_their_plan_are_warned_of(fuv_copy: Path) -> None:
    places = known(fuv_copy, "legs", "ra0", "dec0")
    assert known(fuv_copy, "visits", "off_plan", "warnings") == [(None, 0)] * 2
    offs = (0.09, 0.11)
    planned = [(ra0, dec0 - off) for (ra0, dec0), off in zip(places, offs, strict=True)]
    note(fuv_copy, KnownVisits.of(boresights=legs(23500, *planned)))
    warned = known(fuv_copy, "visits", "off_plan", "warnings")
    assert [apart for apart, _ in warned] == [pytest.approx(off, abs=1e-9) for off in offs]
    assert [warnings for _, warnings in warned] == [0, 1]
