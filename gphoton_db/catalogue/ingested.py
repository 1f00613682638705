"""Bands of eclipses that were ingested into the catalogue."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.inserts import insert, insert_or_replace

if TYPE_CHECKING:
    from gphoton_db.catalogue.staged import IngestedBand


def insert_ingested(connection: duckdb.DuckDBPyConnection, ingested: "IngestedBand") -> None:
    """Enter a band of an eclipse: its legs, their files and coverage, and what it was made with."""
    from gphoton_db.catalogue.visits import KnownVisits, note_metadata

    insert(connection, "legs", [asdict(leg) for leg in ingested.legs])
    insert(connection, "leg_files", [asdict(file) for file in ingested.files])
    insert_or_replace(connection, "calibration_files", ingested.calibration)
    insert_or_replace(connection, "coverage", ingested.coverage)
    note_metadata(connection, KnownVisits.of([ingested.visit]).metadata, by_ingest=True)
    insert(connection, "ingests", [asdict(ingested.ingest)])
