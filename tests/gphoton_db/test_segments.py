"""The tables that grow with the archive are files, of which a commit writes few."""

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.inserts import insert_table
from gphoton_db.catalogue.records import IngestRecord, ProductRecord
from gphoton_db.catalogue.segment_files import NO_ECLIPSE, blocks_of
from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.paths import SEGMENTED, ArchivePaths
from tests.gphoton_db.archives import (
    Sources,
    assert_sound,
    assert_summed_up,
    assert_tidy,
    changed_tables,
    ingest,
    make_old,
    newest_outlines,
)

AT = datetime(2030, 1, 1)


def failed(eclipse: int, name: str = "x") -> IngestRecord:
    return IngestRecord(
        *(name, eclipse, "NUV", "failed", "why", None, None, None, None, 1.0, AT, "0")
    )


def product(path: str, eclipse: int | None) -> ProductRecord:
    return ProductRecord(path, "image", eclipse, "NUV", 0, "{}", None, "0", AT, 1, "hash")


def segments(root: Path) -> dict[tuple[str, int], str]:
    with Archive(root) as archive:
        rows = archive.query("SELECT table_name, block, path FROM segments").rows()
    return {(row["table_name"], row["block"]): row["path"] for row in rows}


def table(root: Path, name: str) -> list[dict[str, Any]]:
    with Archive(root) as archive:
        return rows_of(archive, name)


def rows_of(archive: Archive, name: str) -> list[dict[str, Any]]:
    return archive.query(f"SELECT * FROM {name} ORDER BY ALL").rows()


def tables(root: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of all tables, of one archive: to open it takes longer than to ask."""
    with Archive(root) as archive:
        return {name: rows_of(archive, name) for name in SEGMENTED}


def test_eclipses_are_in_blocks() -> None:
    size = ECLIPSES_PER_BLOCK
    assert blocks_of("legs", [0, size - 1, size, None]) == {0, 1, NO_ECLIPSE}
    # Rows of coverage are a hundred times as large.
    assert blocks_of("coverage", range(size)) == set(range(16))


def test_tables_are_views_of_the_same_columns(full: Archive) -> None:
    with duckdb.connect() as connection:
        for statement in table_statements().values():
            connection.execute(statement)
        for name in SEGMENTED:
            columns = connection.execute(f"DESCRIBE {name}").fetchall()
            rows = full.query(f"DESCRIBE {name}").rows()
            assert [(row["column_name"], row["column_type"]) for row in rows] == [
                column[:2] for column in columns
            ]


@pytest.mark.parametrize("name", SEGMENTED)
def test_the_rows_of_an_eclipse_are_those_of_the_table(name: str, full: Archive) -> None:
    for eclipse in (23500, 23501, 1):
        chosen = full.query(f"FROM rows_of('{name}', [{eclipse}]) ORDER BY ALL").rows()
        expected = full.query(f"FROM {name} WHERE eclipse = {eclipse} ORDER BY ALL").rows()
        assert chosen == expected
    everything = full.query(f"FROM rows_of('{name}', NULL) ORDER BY ALL").rows()
    assert everything == full.query(f"FROM {name} ORDER BY ALL").rows()


def test_a_commit_writes_files_of_its_own_block_and_others_stay_for_readers(
    full_copy: Path, nuv: Sources
) -> None:
    catalogue = Catalogue(ArchivePaths(full_copy))
    catalogue.commit([], [failed(7, "a"), failed(7 + ECLIPSES_PER_BLOCK, "b")])
    catalogue.add_products([product("p.fits", None)])
    before = segments(full_copy)
    content = {path: (full_copy / path).read_bytes() for path in before.values()}
    asked = ("FROM legs ORDER BY ALL", "FROM leg_files ORDER BY ALL", "FROM coverage ORDER BY ALL")
    with catalogue.reader() as old, Archive(full_copy) as archive:
        first = [archive.query(sql).rows() for sql in asked]
        ingest(archive, nuv, force=True)
        after = segments(full_copy)
        assert {key for key in after if after[key] != before.get(key)} == {
            *(("legs", 91), ("leg_files", 91), ("shutter_gaps", 91), ("ingests", 91)),
            ("coverage", 23500 // 16),
        }
        # What was listed stays as it is, for readers of the older catalogue.
        assert all((full_copy / path).read_bytes() == content[path] for path in content)
        assert_tidy(full_copy)
        ingest(archive, nuv, force=True)
        assert archive.query(asked[0]).rows() != first[0]
        for sql, rows in zip(asked, first, strict=True):
            assert old.execute(sql).fetchall() == [tuple(row.values()) for row in rows]
        (n,) = old.execute("SELECT count(*) FROM photons").fetchall()[0]
        assert n == sum(row["n_photons"] for row in first[0])
    assert_sound(full_copy)


def test_the_head_does_not_grow_with_the_rows(full_copy: Path) -> None:
    head, sizes = full_copy / "gphoton.duckdb", []
    for n in (10, 11, 20_000):
        with changed_tables(full_copy, "ingests", "products") as connection:
            connection.execute(
                "INSERT INTO ingests BY NAME SELECT each.* REPLACE "
                f"('{n}-' || range AS generation) FROM (FROM ingests LIMIT 1) AS each, range({n})"
            )
            connection.execute(
                f"INSERT INTO products SELECT '{n}-' || range, 'image', 23500, 'NUV', 0, '{{}}', "
                "NULL, '', now()::TIMESTAMP, 1, 'hash' || range "
                f"FROM range({n})"
            )
        sizes.append(head.stat().st_size)
    assert len(table(full_copy, "products")) == 20_021
    # DuckDB's own blocks are 256 KiB; the next commit writes to those that the last one left.
    assert max(sizes[2:]) - max(sizes[:2]) <= 2 * 262_144


def test_a_product_takes_the_place_of_another_and_a_commit_without_rows_writes_no_file(
    full_copy: Path,
) -> None:
    catalogue = Catalogue(ArchivePaths(full_copy))
    catalogue.add_products([product("a.fits", 1), product("b.fits", 1), product("c.fits", None)])
    catalogue.add_products([product("a.fits", 40000), product("c.fits", 3)])
    catalogue.add_products([product("b.fits", None)])
    rows = table(full_copy, "products")
    assert [(row["path"], row["eclipse"]) for row in rows] == [
        ("a.fits", 40000),
        ("b.fits", None),
        ("c.fits", 3),
    ]
    before = segments(full_copy)
    with changed_tables(full_copy, *SEGMENTED):
        pass
    catalogue.refresh_root()
    assert segments(full_copy) == before
    assert_tidy(full_copy)


def test_a_lost_catalogue_keeps_what_only_its_own_files_know_and_mends_outlines(
    full_copy: Path,
) -> None:
    catalogue = Catalogue(ArchivePaths(full_copy))
    catalogue.add_products([replace(product("a.fits", 23500), parameters=json.dumps({"a": 1}))])
    catalogue.commit([], [failed(23501), failed(1, "y")])
    before = tables(full_copy)
    (full_copy / "gphoton.duckdb").unlink()
    outlines = newest_outlines(full_copy)
    one_lacks_and_one_is_there_twice = pq.read_table(outlines).take([1, 1, 2, 3])
    pq.write_table(one_lacks_and_one_is_there_twice, outlines)
    assert tables(full_copy) == before
    assert len(before["ingests"]) == 4
    assert_sound(full_copy)
    make_old(full_copy)
    assert tables(full_copy) == before
    assert_tidy(full_copy)
    assert_summed_up(full_copy)


ALL_LOST = ("legs", "leg_files", "coverage", "shutter_gaps")


@pytest.mark.parametrize(
    "names",
    [
        ("leg_files", "coverage"),
        *(pytest.param((name,), marks=pytest.mark.deep) for name in ALL_LOST),
    ],
)
def test_damaged_files_of_a_lost_catalogue_are_made_anew(
    names: tuple[str, ...], full_copy: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = tables(full_copy)
    listed = segments(full_copy)
    damaged = [full_copy / listed[name, max(blocks_of(name, [23500]))] for name in names]
    (full_copy / "gphoton.duckdb").unlink()
    for file in damaged:
        file.write_bytes(file.read_bytes()[:-20])
    assert tables(full_copy) == before
    for file in damaged:
        assert f"{file}: left out: cannot be read" in caplog.text
    assert_sound(full_copy)


def test_more_rows_than_a_row_group_are_all_kept_in_an_empty_table(tmp_path: Path) -> None:
    root, n = tmp_path / "archive", 130_000
    Archive(root, create=True).close()
    one = pa.Table.from_pylist([vars(failed(1))])
    names = pa.array([str(number) for number in range(n)])
    rows = one.take(pa.array([0] * n)).set_column(0, "generation", names)
    with changed_tables(root, "ingests") as connection:
        insert_table(connection, "ingests", rows.slice(0, 0))
        insert_table(connection, "ingests", rows)
    with Archive(root) as archive:
        assert archive.query("SELECT count(*) AS n FROM ingests").rows() == [{"n": n}]
