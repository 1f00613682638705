"""Which legs, files and row groups a query read."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter

import duckdb

from gphoton_db.catalogue.definitions import ROOT_VARIABLE
from gphoton_db.query.parameters import Parameters
from gphoton_db.query.query import QueryResult, fetch
from gphoton_db.query.streamed import streamed_query

_LOGGED = "CALL enable_logging(['PhysicalOperator'], level = 'debug')"

# DuckDB's Parquet reader logs each row group that it reads, and each that it skips because the
# statistics of the row group exclude it.  A file that is left out as a whole is not in the log.
# The catalogue's own files are none that a statement reads.
_OPENED = f"""
SELECT
    info['file'] AS file,
    count(DISTINCT info['row_group_id']) FILTER (event = 'ReadRowGroup') AS row_groups_read
FROM duckdb_logs_parsed('PhysicalOperator')
WHERE class = 'ParquetReader' AND event IN ('ReadRowGroup', 'SkipRowGroup')
AND NOT starts_with(info['file'], getvariable('{ROOT_VARIABLE}') || '/catalogue/')
GROUP BY ALL
"""

_ROW_GROUPS = "SELECT num_row_groups AS n FROM parquet_file_metadata([$file])"

_REPORT = f"""
WITH opened AS (
    SELECT
        unnest($files::VARCHAR[]) AS file,
        unnest($row_groups_read::BIGINT[]) AS row_groups_read,
        unnest($row_groups::BIGINT[]) AS row_groups
),
-- With the archive's folder before it, a listed path is what the log has.
listed AS (
    SELECT
        *,
        getvariable('{ROOT_VARIABLE}') || '/' || path AS file,
        count(*) OVER (PARTITION BY kind, eclipse, band, leg) AS n_files
    FROM leg_files
)
SELECT
    listed.kind,
    listed.eclipse,
    listed.band,
    listed.leg,
    CASE WHEN listed.path IS NULL THEN opened.file END AS other_file,
    count(*) AS files_opened,
    coalesce(any_value(listed.n_files), 1) AS files,
    sum(opened.row_groups_read)::BIGINT AS row_groups_read,
    sum(opened.row_groups)::BIGINT AS row_groups
FROM opened
LEFT JOIN listed ON listed.file = opened.file
GROUP BY ALL
ORDER BY ALL
"""


@dataclass(frozen=True, eq=False)
class QueryReads:
    """What a statement read.

    Parameters
    ----------
    files : QueryResult
        A row for each kind of file (photons, ticks, aspect) of each leg of which a file was
        opened: ``kind, eclipse, band, leg, other_file, files_opened, files, row_groups_read,
        row_groups``.  ``files`` is how many there are, ``row_groups`` how many the opened ones
        have; a row group that was read twice counts once.  Parquet files that are not the
        archive's own are named in ``other_file``.
    n_listed : int
        Parquet files in the archive.
    n_rows : int
        Rows that the statement returned.
    seconds : float
        What it took; the log, which this needs, slows it down a little.
    """

    files: QueryResult
    n_listed: int
    n_rows: int
    seconds: float


def report_reads(
    connection: duckdb.DuckDBPyConnection, sql: str, parameters: Parameters = None
) -> QueryReads:
    """Run a user's statement, which may only read, and report what it read instead of its rows.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        Read-only, to the catalogue; a new one, for its log is used up.
    sql : str
        One statement that reads.
    parameters : sequence or mapping, optional
        Its values.

    Raises
    ------
    QueryError
        If it is not one statement, does more than read, or DuckDB refuses it.
    """
    with _logged(connection):
        start = perf_counter()
        with streamed_query(connection, sql, parameters) as stream:
            n_rows = sum(batch.num_rows for batch in stream.batches)
        seconds = perf_counter() - start
    opened = fetch(connection, _OPENED).rows()
    files = [row["file"] for row in opened]
    report = fetch(
        connection,
        _REPORT,
        {
            "files": files,
            "row_groups_read": [row["row_groups_read"] for row in opened],
            "row_groups": [
                fetch(connection, _ROW_GROUPS, {"file": f}).rows()[0]["n"] for f in files
            ],
        },
    )
    n_listed = fetch(connection, "SELECT count(*) AS n FROM leg_files").rows()[0]["n"]
    return QueryReads(report, n_listed, n_rows, seconds)


@contextmanager
def _logged(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    connection.execute(_LOGGED)
    try:
        yield
    finally:
        connection.execute("CALL disable_logging()")
