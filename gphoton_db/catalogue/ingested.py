"""What an ingest adds to the tables, and what it takes the place of."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.inserts import insert, insert_or_replace, insert_records
from gphoton_db.catalogue.superseded import now
from gphoton_db.mission import Band
from gphoton_db.paths import SEGMENTED
from gphoton_db.system.durable import move_durably
from gphoton_db.system.inside import inside

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import IngestRecord
    from gphoton_db.catalogue.staged import IngestedBand, StagedBand, StagedProducts


def changed_rows(
    staged: "Sequence[StagedBand]",
    failed: "Sequence[IngestRecord]",
    made: "Sequence[StagedProducts]",
) -> tuple[list[str], set[int | None]]:
    """Return which tables a commit changes, and of which eclipses (None: of no one)."""
    tables: set[str] = set()
    if staged:
        tables |= set(SEGMENTED) - {"products"}
    if failed:
        tables.add("ingests")
    if made:
        tables |= {"legs", "products", "source_files"}
    eclipses: set[int | None] = {band.ingested.ingest.eclipse for band in staged}
    eclipses |= {ingest.eclipse for ingest in failed}
    for each in made:
        eclipses |= {product.eclipse for product in each.products}
        eclipses |= {record.eclipse for record in each.source_files}
    return [table for table in SEGMENTED if table in tables], eclipses


def move_staged(staged: "Sequence[StagedBand]", root: Path) -> set[Path]:
    """Move the files to their places in the archive at `root`; return the changed folders."""
    changed: set[Path] = set()
    for band in staged:
        for file in band.ingested.files:
            move_durably(band.folder / file.path, inside(root, file.path), changed)
    return changed


def generations_of(
    connection: duckdb.DuckDBPyConnection, eclipse: int, band: Band
) -> tuple[str, ...]:
    """Return which ingest the legs of a band of an eclipse are of; empty without legs."""
    rows = connection.execute(
        f"SELECT DISTINCT band, generation FROM rows_of('legs', [{int(eclipse)}])"
    ).fetchall()
    return tuple(sorted(generation for name, generation in rows if name == str(band)))


def insert_ingested(connection: duckdb.DuckDBPyConnection, ingested: "IngestedBand") -> None:
    """Enter what an ingest adds."""
    from gphoton_db.catalogue.visits import KnownVisits, note_metadata

    insert_records(connection, "legs", ingested.legs)
    insert_records(connection, "leg_files", ingested.files)
    insert_or_replace(connection, "calibration_files", ingested.calibration)
    insert_records(connection, "coverage", ingested.coverage, "INSERT OR REPLACE")
    note_metadata(connection, KnownVisits.of([ingested.visit]).metadata, by_ingest=True)
    insert(connection, "ingests", [asdict(ingested.ingest)])


def supersede(connection: duckdb.DuckDBPyConnection, ingest: "IngestRecord") -> None:
    """Take what there is of a band of an eclipse out of the archive; its files stay for a while."""
    key = [ingest.eclipse, ingest.band]
    connection.execute(
        "INSERT INTO superseded_files SELECT path, ? FROM leg_files WHERE eclipse = ? AND band = ?",
        [now(), *key],
    )
    for table in ("legs", "leg_files"):
        connection.execute(f"DELETE FROM {table} WHERE eclipse = ? AND band = ?", key)
