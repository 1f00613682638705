"""Sums over what the catalogue lists, kept in the head: what is asked of all of the archive.

The tables that grow with the archive are some hundred files, and to read all of them takes longer
the more there is.  So each commit sums up the blocks of eclipses that it changes.
"""

from collections.abc import Collection, Mapping

import duckdb

from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.merged import TABLES as MERGED_TABLES
from gphoton_db.catalogue.segment_files import NO_ECLIPSE
from gphoton_db.catalogue.survey import TABLES as SURVEY_TABLES
from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.query.sql_files import read_sql

_SOURCES: Mapping[str, tuple[str, ...]] = {
    "band_totals": ("legs", "leg_files"),
    "leg_numbers": ("legs",),
    "leg_file_totals": ("leg_files",),
    "product_totals": ("products",),
    "failed_bands": ("ingests",),
}
"""Statements that sum up, and the tables of which the rows come from files."""

TOTALS: Mapping[str, tuple[str, ...]] = {
    "band_totals": ("band_totals",),
    "leg_numbers": ("leg_numbers",),
    "file_totals": ("leg_file_totals", "product_totals"),
    "failed_bands": ("failed_bands",),
}
"""The tables of sums, and the statements that give their rows."""

_OF_BLOCKS: Mapping[str, str] = {
    "band_totals": f"eclipse // {ECLIPSES_PER_BLOCK} IN ($blocks)",
    "leg_numbers": f"eclipse // {ECLIPSES_PER_BLOCK} IN ($blocks)",
    "leg_file_totals": "block IN ($blocks) AND kind <> 'products'",
    "product_totals": "block IN ($blocks) AND kind = 'products'",
    "failed_bands": f"eclipse // {ECLIPSES_PER_BLOCK} IN ($blocks)",
}
"""Which of the rows are of blocks of eclipses."""

_LATER_MACROS = ("eclipses_near_sql", "visits_near")
"""Macros that named queries use, and a catalogue without the youngest sums may lack."""


def has_totals(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether a catalogue has sums, in tables: one that an early 0.3 made has none."""
    return set(TOTALS) <= _tables(connection)


def with_totals(connection: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
    """Return a connection that has the sums, though the catalogue may have none to be written.

    Nor need it have the tables of merged photons and of surveys, which are younger than itself;
    here they are empty then.
    """
    there = _tables(connection)
    if not set(TOTALS) <= there:
        for table, statements in TOTALS.items():
            rows = " UNION ALL ".join(f"({_statement(name)})" for name in statements)
            connection.execute(f"CREATE TEMP VIEW {table} AS {rows}")
        for macro in _LATER_MACROS:
            text = read_sql(f"macros/{macro}.sql")
            connection.execute(text.replace("OR REPLACE MACRO", "OR REPLACE TEMP MACRO", 1))
    for table in {*MERGED_TABLES, *SURVEY_TABLES} - there:
        statement = table_statements()[table]
        connection.execute(statement.replace("CREATE TABLE", "CREATE TEMP TABLE", 1))
    return connection


def _tables(connection: duckdb.DuckDBPyConnection) -> set[str]:
    rows = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE database_name = current_database()"
    ).fetchall()
    return {name for (name,) in rows}


def make_totals(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of sums, of all that there is; an older gphoton-db made fewer of them."""
    for table, statements in TOTALS.items():
        connection.execute(table_statements()[table])
        connection.execute(f"DELETE FROM {table}")
        for name in statements:
            connection.execute(f"INSERT INTO {table} BY NAME {_statement(name)}")


def update_totals(
    connection: duckdb.DuckDBPyConnection,
    tables: Collection[str],
    blocks: Mapping[str, Collection[int]],
) -> None:
    """Sum up blocks of eclipses anew.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue, with temporary tables.
    tables : collection of str
        The temporary tables.
    blocks : mapping
        Of these, the blocks that they had rows of, or have.
    """
    for table, statements in TOTALS.items():
        for name in statements:
            sources = _SOURCES[name]
            changed = sorted({block for source in sources for block in blocks.get(source, ())})
            if not changed:
                continue
            numbers = ", ".join(map(str, changed))
            of_blocks = _OF_BLOCKS[name].replace("$blocks", numbers)
            connection.execute(f"DELETE FROM {table} WHERE {of_blocks}")
            statement = _statement(name)
            for source in set(sources) - set(tables):
                statement = statement.replace(
                    f"FROM {source}\n", f"FROM {_stored(source, changed)}\n"
                )
            connection.execute(f"INSERT INTO {table} BY NAME {statement}")


def _statement(name: str) -> str:
    text = read_sql(f"totals/{name}.sql")
    return text[text.index("\n", text.rindex("-- The rows")) :].strip().removesuffix(";")


def _stored(table: str, blocks: Collection[int]) -> str:
    """Return SQL for the rows of blocks that are in files."""
    first = [block * ECLIPSES_PER_BLOCK for block in blocks if block != NO_ECLIPSE]
    paths = f"segment_paths('{table}', {first}::INTEGER[])"
    return f"read_parquet({paths}, hive_partitioning = false) AS {table}"
