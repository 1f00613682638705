"""What is wrong with an archive is found, said where it is read, and put right."""

import json
import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.records import FileRecord, LegRecord
from gphoton_db.errors import ArchiveError
from gphoton_db.intake import compact
from gphoton_db.intake.verify.contents import leg_messages
from gphoton_db.system.leftovers import hidden_name
from gphoton_db.system.seal import read_seal
from tests.campaign.archive_files import flipped, read_whole
from tests.campaign.outcome import Outcome, run, table
from tests.examples import deep
from tests.gphoton_db.archives import changed_tables, contents, parquet_hashes
from tests.gphoton_db.conftest import Cli

DEEP = pytest.mark.deep
KINDS = ("photons", "ticks", "seconds", "aspect")


def first(root: Path, kind: str, number: int = 0) -> Path:
    return sorted((root / kind).rglob("*.parquet"))[number]


def test_a_whole_archive_has_no_faults(full_root: Path) -> None:
    with Archive(full_root) as archive:
        for deep in (False, True):
            found = archive.verify(deep=deep)
            assert found.faults == ()
            assert found.n_files > 16


def test_every_file_says_which_it_is(full_root: Path) -> None:
    for kind in KINDS:
        for path in (full_root / kind).rglob("*.parquet"):
            seal = read_seal(path)
            assert seal is not None
            seal.check()
            footer = pq.read_metadata(path)
            # Every byte from the first column to the footer has a checksum.
            ends = seal.chunks["start"] + seal.chunks["length"]
            assert seal.chunks["start"].ravel()[0] == 4
            assert (seal.chunks["start"].ravel()[1:] == ends.ravel()[:-1]).all()
            assert footer.num_row_groups == len(seal.groups)
            assert path.stat().st_size == ends.ravel()[-1] + footer.serialized_size + 8


def test_arrow_finds_damaged_pages_by_itself(fuv_copy: Path) -> None:
    path = first(fuv_copy, "aspect")
    content = bytearray(path.read_bytes())
    content[300] ^= 1
    path.write_bytes(content)
    with pytest.raises(OSError, match="CRC"):
        pq.ParquetFile(path, page_checksum_verification=True).read()


def test_flipped_bits_are_found_and_never_read(fuv_copy: Path) -> None:
    n = 16 if deep() else 4  # two in each file, or one in each file of a leg
    assert table(run(flipped(fuv_copy, 16, n))) == {Outcome.CLEAR_ERROR: 3 * n}


def other_leg(path: Path, root: Path) -> None:
    other = first(root, path.relative_to(root).parts[0], 1)
    shutil.copyfile(other, path)


def cut(path: Path, root: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def gone(path: Path, root: Path) -> None:
    path.unlink()


def rewritten(path: Path, root: Path) -> None:
    pq.write_table(pq.ParquetFile(path).read().slice(1), path)


def of_other_columns(path: Path, root: Path) -> None:
    pq.write_table(pa.table({"x": [1, 2]}), path)


Change = Callable[[Path, Path], None]

OF_BOTH_LEGS: tuple[tuple[str, tuple[Change, Change]], ...] = (
    ("aspect", (other_leg, rewritten)),
    ("photons", (cut, gone)),
    ("ticks", (of_other_columns, cut)),
)


def assert_clear_errors(root: Path, changed: Sequence[Path], *legs: int) -> None:
    with Archive(root) as archive:
        found = archive.verify().faults
        for leg in legs:
            with pytest.raises(ArchiveError, match="--repair"):
                archive.movie(23500, "FUV", leg=leg, depth=10)
    assert {fault.path for fault in found} == {
        path.relative_to(root).as_posix() for path in changed
    }
    for path in changed:
        with pytest.raises(ArchiveError, match="--repair"):
            read_whole(root, path)


def test_other_files_are_clear_errors(fuv_copy: Path) -> None:
    paths = {kind: [first(fuv_copy, kind, leg) for leg in (0, 1)] for kind, _ in OF_BOTH_LEGS}
    for kind, changes in OF_BOTH_LEGS:
        for path, change in zip(paths[kind], changes, strict=True):
            change(path, fuv_copy)
    assert_clear_errors(fuv_copy, [path for both in paths.values() for path in both], 0, 1)


@DEEP
@pytest.mark.parametrize("change", [other_leg, cut, gone, rewritten, of_other_columns])
def test_another_file_is_a_clear_error(change: Change, fuv_copy: Path) -> None:
    paths = [first(fuv_copy, kind) for kind in ("aspect", "photons", "ticks")]
    for path in paths:
        change(path, fuv_copy)
    assert_clear_errors(fuv_copy, paths, 0)


def test_light_curves_and_events_of_another_file_are_errors(fuv_copy: Path) -> None:
    other_leg(first(fuv_copy, "photons"), fuv_copy)
    with Archive(fuv_copy) as archive:
        leg = archive.legs()[0]
        with pytest.raises(ArchiveError, match="it is another file"):
            archive.lightcurve(leg.ra0, leg.dec0, radius=60, step=10)
        with pytest.raises(ArchiveError, match="it is another file"):
            archive.events(leg.ra0, leg.dec0, radius=60)


def test_files_without_seals_are_read_as_before(fuv_copy: Path) -> None:
    with Archive(fuv_copy) as archive:
        leg = archive.legs()[0]
        before = archive.lightcurve(leg.ra0, leg.dec0, radius=60, step=10)
    path = first(fuv_copy, "photons")
    pq.write_table(pq.ParquetFile(path).read().replace_schema_metadata(None), path)
    assert read_seal(path) is None
    with Archive(fuv_copy) as archive:
        after = archive.lightcurve(leg.ra0, leg.dec0, radius=60, step=10)
        assert [fault.kind for fault in archive.verify().faults] == ["file"]
    assert (before["counts"] == after["counts"]).all()


def test_repair_ingests_damaged_legs_anew(
    fuv_copy: Path, cli: Cli, fuv_contents: dict[str, Any]
) -> None:
    cut(first(fuv_copy, "photons"), fuv_copy)
    found = cli("--archive", str(fuv_copy), "verify", "--json")
    assert found.code == 1
    assert json.loads(found.out)["faults"][0]["kind"] == "file"
    done = cli("--archive", str(fuv_copy), "verify", "--deep", "--repair", "23500")
    assert done.code == 0, done.out
    assert "eclipse 23500 FUV: ingested anew" in done.err
    assert "nothing is wrong" in done.out
    assert contents(fuv_copy)["eclipses"] == fuv_contents["eclipses"]


@pytest.mark.parametrize("table_name", ["leg_files", pytest.param("ingests", marks=DEEP)])
def test_repair_makes_a_damaged_catalogue_anew(
    table_name: str, fuv_copy: Path, fuv_contents: dict[str, Any]
) -> None:
    path = max(
        (fuv_copy / "catalogue" / table_name).glob("*.parquet"), key=lambda p: p.stat().st_size
    )
    content = bytearray(path.read_bytes())
    content[10:200] = bytes(190)
    path.write_bytes(content)
    with Archive(fuv_copy) as archive:
        assert "catalogue" in {fault.kind for fault in archive.verify(deep=True).faults}
        found = archive.verify(deep=True, repair=True)
        assert found.faults == ()
        assert len(found.repaired) == 1
    assert contents(fuv_copy) == fuv_contents
    assert (fuv_copy / "gphoton.duckdb.damaged").is_file()


def test_what_cannot_be_put_right_is_said(fuv_copy: Path) -> None:
    with changed_tables(fuv_copy, "ingests") as connection:
        connection.execute("UPDATE ingests SET raw6 = raw6 || ' that was moved'")
    cut(first(fuv_copy, "ticks"), fuv_copy)
    before = parquet_hashes(fuv_copy)
    with Archive(fuv_copy) as archive:
        found = archive.verify(repair=True)
    assert [fault.kind for fault in found.faults] == ["file"]
    assert "cannot be ingested anew" in found.repaired[0]
    assert parquet_hashes(fuv_copy) == before


def test_counts_order_and_bounds_are_looked_at(fuv_root: Path) -> None:
    with Archive(fuv_root) as archive:
        leg = archive.legs()[0]
        rows = archive.query("FROM leg_files WHERE leg = 0 ORDER BY kind, part").rows()
    files = [FileRecord(**row) for row in rows]
    (photons,) = (file for file in files if file.kind == "photons")
    others = [file for file in files if file.kind != "photons"]

    def said(leg: LegRecord, *files: FileRecord) -> list[str]:
        return list(leg_messages(fuv_root, leg, files))

    assert said(leg, *files) == []
    assert "photons, and" in said(replace(leg, n_photons=leg.n_photons + 1), *files)[0]
    assert "unflagged" in said(replace(leg, n_unflagged=7), *files)[0]
    assert "ticks are not those" in "".join(said(leg, *others))
    narrow = replace(photons, dec_max=photons.dec_min)
    assert "outside of the bounds" in said(leg, narrow, *others)[0]
    assert "order" in said(leg, photons, photons, *others)[0]
    assert "other times" in "".join(said(replace(leg, t1=leg.t1 + 1), *files))
    assert "manifest" in said(replace(leg, radius=0.5), *files)[0]
    assert said(leg, photons) == ["lacks its ticks or its aspect"]


def bands_of_merged(archive: Archive) -> list[str]:
    return [row["band"] for row in archive.query("FROM merged_files ORDER BY band").rows()]


def test_merged_photons_that_are_damaged_or_whose_catalogue_is_lost_are_forgotten(
    full_copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compact, "WITHIN_DEG", 90.0)
    near = "SELECT * FROM cone(323.5, -2, 1000) ORDER BY ALL"
    with Archive(full_copy) as archive:
        before = archive.query(near).rows()
        assert {row["band"] for row in before} == {"FUV", "NUV"}
        assert archive.compact(fewest=2).n_sets == 2
        assert "merged" in {size.kind for size in archive.status().sizes}
        path = next((full_copy / "merged" / "band=NUV").glob("*.parquet"))
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
        (fault,) = archive.verify(deep=True).faults
        assert (fault.kind, fault.path) == ("merged", path.relative_to(full_copy).as_posix())
        repaired = archive.verify(deep=True, repair=True)
        assert repaired.faults == ()
        assert repaired.repaired == (
            "1 merged field is read from its legs again: gphoton-db compact merges it anew",
        )
        assert bands_of_merged(archive) == ["FUV"]
        shutil.rmtree(full_copy / "merged" / "band=FUV")
        assert archive.compact(fewest=2).n_sets == 2
        assert bands_of_merged(archive) == ["FUV", "NUV"]
        assert archive.verify(deep=True).faults == ()
    (full_copy / "gphoton.duckdb").unlink()
    with Archive(full_copy) as archive:
        assert bands_of_merged(archive) == []
        assert archive.query(near).rows() == before


def test_what_killed_processes_left_is_said_and_removed(full_copy: Path) -> None:
    before = parquet_hashes(full_copy)
    photons = first(full_copy, "photons")
    hidden = hidden_name("movie.fits").replace(f"-{os.getpid()}-", "-1999999999-")
    left = [
        photons.with_name("0123456789ab-0.parquet"),
        full_copy / "ticks/band=NUV/eclipse=7/leg=0/0123456789ab.parquet",
        full_copy / "sources/band=NUV/eclipse=23500/leg=0/detected-0123.parquet",
        full_copy / "merged/band=NUV/0123-0.parquet",
        full_copy / "products/e23500" / hidden,
    ]
    for path in left:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(photons, path)
    with Archive(full_copy) as archive:
        found = archive.verify()
        assert found.faults == ()
        assert {remark.partition(":")[0] for remark in found.remarks} == {
            path.relative_to(full_copy).as_posix() for path in left
        }
        repaired = archive.verify(repair=True)
    assert repaired.repaired == ("5 files that no catalogue lists removed",)
    assert repaired.remarks == ()
    assert parquet_hashes(full_copy) == before


def test_folders_that_are_all_that_a_killed_process_left_are_removed(fuv_copy: Path) -> None:
    """Killed behind its commit: the next ingest passes the legs over, and commits nothing."""
    staging = fuv_copy / "staging"
    (staging / "e23456-FUV" / "photons").mkdir(parents=True)
    for ending in ("lock", "holder"):
        (staging / f"e23456-FUV.{ending}").touch()
    (staging / "catalogue").mkdir()
    shutil.copy(fuv_copy / "gphoton.duckdb", staging / "catalogue")
    with Archive(fuv_copy) as archive:
        assert not archive.verify(repair=True).faults
    assert list(staging.iterdir()) == []
