"""Visits that are known, whether ingested or not: the tables ``eclipses`` and ``boresights``."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import duckdb
import pyarrow as pa

from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.catalogue.inserts import relation
from gphoton_db.catalogue.records import BoresightRecord
from gphoton_db.query.sql_files import read_sql

METADATA_SCHEMA = pa.schema(
    {
        "eclipse": pa.int32(),
        "plan_type": pa.string(),
        "plan_subtype": pa.string(),
        "visit": pa.int32(),
        "plan_id": pa.int32(),
        "planned_legs": pa.int32(),
        "eclipse_start": pa.float64(),
        "eclipse_duration": pa.float64(),
        "nuv_det_on_time": pa.float64(),
        "fuv_det_on_time": pa.float64(),
        "nuv_det_temp": pa.float64(),
        "fuv_det_temp": pa.float64(),
        "nuv_tdc_temp": pa.float64(),
        "fuv_tdc_temp": pa.float64(),
    }
)
"""Columns of `eclipses`, the fields of `VisitMetadata`; NULL = not known."""

BORESIGHT_SCHEMA = pa.schema(
    {
        "eclipse": pa.int32(),
        "leg": pa.int32(),
        "ra0": pa.float64(),
        "dec0": pa.float64(),
        "roll0": pa.float64(),
        "t0": pa.float64(),
    }
)
"""Columns of `boresights`, the fields of `BoresightRecord`; legs count from 0."""


def _rows(records: Iterable[Any], schema: pa.Schema) -> pa.Table:
    return pa.Table.from_pylist([asdict(record) for record in records], schema)


@dataclass(frozen=True, eq=False)
class KnownVisits:
    """What some files say of visits, in bulk.

    Parameters
    ----------
    metadata : pyarrow.Table
        One row an eclipse (`METADATA_SCHEMA`).
    boresights : pyarrow.Table
        All legs of each eclipse that is in it (`BORESIGHT_SCHEMA`).
    planned : pyarrow.Table
        Legs as they were planned, likewise: for eclipses of which no other boresights are known.
    """

    metadata: pa.Table = field(default_factory=METADATA_SCHEMA.empty_table)
    boresights: pa.Table = field(default_factory=BORESIGHT_SCHEMA.empty_table)
    planned: pa.Table = field(default_factory=BORESIGHT_SCHEMA.empty_table)

    @classmethod
    def of(
        cls,
        metadata: Iterable[VisitMetadata] = (),
        boresights: Iterable[BoresightRecord] = (),
        planned: Iterable[BoresightRecord] = (),
    ) -> "KnownVisits":
        """Return the visits that some records describe."""
        return cls(
            _rows(metadata, METADATA_SCHEMA),
            _rows(boresights, BORESIGHT_SCHEMA),
            _rows(planned, BORESIGHT_SCHEMA),
        )

    @classmethod
    def joined(cls, parts: Iterable["KnownVisits"]) -> "KnownVisits":
        """Return the visits of all parts, which are about different eclipses."""
        every = [cls(), *parts]
        return cls(
            *(
                pa.concat_tables([getattr(part, name) for part in every])
                for name in ("metadata", "boresights", "planned")
            )
        )

    @property
    def n_eclipses(self) -> int:
        """How many eclipses it is about."""
        tables = (self.metadata, self.boresights, self.planned)
        return len(pa.chunked_array([c for t in tables for c in t["eclipse"].chunks]).unique())


def note_visits(connection: duckdb.DuckDBPyConnection, visits: KnownVisits) -> None:
    """Put known visits into the catalogue, in place of what it had of them.

    A value that is not known any more stays; so does what an ingest knew of its eclipse.  The
    boresights of an eclipse are replaced as a whole.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable.
    visits : KnownVisits
        What to note.
    """
    note_metadata(connection, visits.metadata)
    _with_noted(
        connection,
        visits.boresights,
        "DELETE FROM boresights WHERE eclipse IN (SELECT eclipse FROM noted)",
        "INSERT INTO boresights BY NAME FROM noted",
    )
    _with_noted(
        connection,
        visits.planned,
        "INSERT INTO boresights BY NAME FROM noted WHERE eclipse NOT IN "
        "(SELECT eclipse FROM boresights UNION ALL SELECT eclipse FROM legs)",
    )


def note_metadata(
    connection: duckdb.DuckDBPyConnection, metadata: pa.Table, *, by_ingest: bool = False
) -> None:
    """Put metadata into the catalogue; see `note_visits`.

    Parameters
    ----------
    connection, metadata
        As for `note_visits`.
    by_ingest : bool
        Whether an ingest says so: its word counts for more than anything noted before.
    """
    _with_noted(
        connection,
        metadata,
        read_sql("updates/note_eclipses.sql").replace("$by_ingest", str(by_ingest)),
    )


def _with_noted(connection: duckdb.DuckDBPyConnection, noted: pa.Table, *statements: str) -> None:
    """Run statements in which the relation ``noted`` is this table, if it has any rows."""
    if not noted.num_rows:
        return
    with relation(connection, "noted", noted):
        for statement in statements:
            connection.execute(statement)
