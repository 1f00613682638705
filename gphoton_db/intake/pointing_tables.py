"""One consolidated pointing table rewritten: usable rows only, by eclipse, quick to read by it."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.aspect.consolidated import TEXT_FIELDS, check_flags
from gphoton_db.aspect.masked_columns import mask_name
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.aspect.scst import VOLTAGE_COLUMNS
from gphoton_db.aspect.tables import match_columns
from gphoton_db.errors import ArchiveError, PointingError
from gphoton_db.progress import Progress
from gphoton_db.query.sql_files import literal, read_sql

MEMORY_LIMIT = "2GB"
"""Of DuckDB, while it sorts; what does not fit is sorted in a file."""

POLL_S = 0.2
"""How often the progress of DuckDB is asked for."""


@dataclass(frozen=True)
class TableForm:
    """What a consolidated table must have, and how it is stored.

    Parameters
    ----------
    name : str
        Of the table, and of its SQL in ``sql/imports``.
    required, optional : tuple of str
        Our names of its columns.
    row_group : int
        Rows that are read for one eclipse: a few ms.
    no_numbers : frozenset of str
        Columns that hold text or bytes.
    """

    name: str
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    row_group: int = 8192
    no_numbers: frozenset[str] = frozenset()


REGIONS = ("partial", "full_400", "full_370", "full_350")

FORMS = {
    form.name: form
    for form in (
        TableForm("aspect", ("time", "ra", "dec", "roll"), ("flags", *VOLTAGE_COLUMNS), 122_880),
        TableForm("boresight", ("leg", "start", "ra0", "dec0"), ("roll0",)),
        TableForm(
            "metadata",
            (),
            tuple(field.name for field in fields(VisitMetadata) if field.name != "eclipse"),
            no_numbers=TEXT_FIELDS,
        ),
        TableForm("leg-aperture", ("leg", *REGIONS), (), 2048, frozenset(REGIONS)),
    )
}


@dataclass(frozen=True)
class ImportedTable:
    """A table as it was imported.

    ``n_left_out`` counts rows that say nothing usable, or repeat another one.
    """

    name: str
    source: Path
    n_rows: int
    n_left_out: int
    n_eclipses: int


@contextmanager
def sorting_session(spill: Path, threads: int) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a DuckDB session for `rewrite_table`, of bounded memory.

    Parameters
    ----------
    spill : Path
        Folder for what does not fit into memory.
    threads : int
        How many it may use.
    """
    settings: dict[str, str | bool | int | float | list[str]] = {
        "temp_directory": str(spill),
        "memory_limit": MEMORY_LIMIT,
        "threads": threads,
        "autoinstall_known_extensions": False,
    }
    with duckdb.connect(":memory:", config=settings) as session:
        # Regions stay what they are: bytes.
        session.execute("LOAD parquet; SET enable_geoparquet_conversion = false")
        session.execute("SET enable_progress_bar = true; SET enable_progress_bar_print = false")
        yield session


def rewrite_table(
    session: duckdb.DuckDBPyConnection,
    form: TableForm,
    source: Path,
    target: Path,
    *,
    on_progress: Progress,
) -> ImportedTable:
    """Write a consolidated table anew, under our names of columns.

    Raises
    ------
    PointingError
        If it is damaged, lacks columns, or has no usable row.
    ArchiveError
        If `target` cannot be written.
    """
    n_given = _offer(session, form, source)
    query = read_sql(f"imports/{form.name}.sql").rstrip().removesuffix(";")
    try:
        with _followed(session, f"{target.stem} table", on_progress):
            n_rows = _count(
                session,
                f"COPY ({query}) TO {literal(str(target))} "
                f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {form.row_group})",
            )
        n_eclipses = _count(
            session, f"SELECT count(DISTINCT eclipse) FROM read_parquet({literal(str(target))})"
        )
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        if str(target.parent) in str(error) or isinstance(error, duckdb.OutOfMemoryException):
            raise ArchiveError(f"{target}: cannot be written ({error})") from None
        raise _damaged(source, error) from error
    except duckdb.Error as error:
        raise _damaged(source, error) from error
    if not n_rows:
        raise PointingError(f"{source}: none of its {n_given:,} rows is usable")
    return ImportedTable(target.stem, source, n_rows, n_given - n_rows, n_eclipses)


def _offer(session: duckdb.DuckDBPyConnection, form: TableForm, source: Path) -> int:
    """Make the relation ``given`` of a table, under our names of columns; return its rows."""
    try:
        file = pq.read_metadata(source)
        schema = file.schema.to_arrow_schema()
    except (OSError, pa.ArrowException) as error:
        raise _damaged(source, error) from error
    found = dict(
        match_columns(
            schema.names,
            required=("eclipse", *form.required),
            optional=form.optional,
            file=source,
        )
    )
    for ours in set(found) - form.no_numbers:
        if not _holds_numbers(schema.field(found[ours]).type):
            raise PointingError(f"{source}: column {found[ours]} does not hold numbers")
    if form.name == "aspect":
        check_flags(found, source)
    columns = [
        f"{_unmasked(found[ours], schema.names)} AS {_quoted(ours)}"
        if ours in found
        else f"NULL::DOUBLE AS {_quoted(ours)}"
        for ours in ("eclipse", *form.required, *form.optional)
    ]
    try:
        session.execute(
            f"CREATE OR REPLACE TEMP VIEW given AS SELECT {', '.join(columns)} "
            f"FROM read_parquet({literal(str(source))}, hive_partitioning = false)"
        )
    except duckdb.Error as error:
        raise _damaged(source, error) from error
    return int(file.num_rows)


@contextmanager
def _followed(
    session: duckdb.DuckDBPyConnection, stage: str, on_progress: Progress
) -> Iterator[None]:
    """Tell how far the statement in the block is."""
    over = threading.Event()

    def follow() -> None:
        while not over.wait(POLL_S):
            on_progress(stage, max(round(session.query_progress()), 0), 100)

    follower = threading.Thread(target=follow, daemon=True)
    follower.start()
    try:
        yield
    finally:
        over.set()
        follower.join()


def _count(session: duckdb.DuckDBPyConnection, statement: str) -> int:
    ((n,),) = session.execute(statement).fetchall()
    return int(n)


def _unmasked(name: str, there: Sequence[str]) -> str:
    """Return a column as SQL has it, NULL where astropy's mask of it says so."""
    mask = mask_name(name, there)
    if mask is None:
        return _quoted(name)
    return f"CASE WHEN {_quoted(mask)} THEN NULL ELSE {_quoted(name)} END"


def _quoted(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _holds_numbers(kind: pa.DataType) -> bool:
    checks = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    return any(check(kind) for check in checks)


def _damaged(source: Path, error: Exception) -> PointingError:
    reason = str(error).strip().splitlines()[0]
    return PointingError(f"{source}: cannot be read as Parquet ({reason}); fetch the file again")
