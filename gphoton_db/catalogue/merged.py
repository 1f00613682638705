"""Merged photons in the index by place: sets of legs that have one line in the place of many.

`gphoton_db.intake.compact` writes their files.  They are copies: the legs' own files stay, and
what knows the eclipse reads those.  A set counts as long as all of its legs are what they were.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import duckdb

from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.superseded import insert_superseded
from gphoton_db.query.sql_files import literal, read_sql

TABLES = ("merged_files", "merged_legs", "merged_tables")

FILES = (
    "(SELECT merged, path, n_rows, size_bytes, sha256 FROM merged_files UNION ALL "
    "SELECT merged, path, n_rows, size_bytes, sha256 FROM merged_tables)"
)
"""SQL for all files of merged sets."""

Key = tuple[int, str, int]
"""Eclipse, band, leg."""


@dataclass(frozen=True)
class MergedIndex:
    """Which patches of the sky have merged photons, and the name of one of their files."""

    patches: tuple[int, ...] = ()
    any_file: str = ""

    def values(self) -> dict[str, str]:
        """Return what the macros that name them are filled in with."""
        return {
            "$merged_patches": literal("".join(f" {number} " for number in self.patches)),
            "$any_merged": literal(self.any_file),
        }


def make_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables of merged photons, which an older gphoton-db did not know."""
    for table in TABLES:
        connection.execute(table_statements()[table])


def update_merged(
    connection: duckdb.DuckDBPyConnection, changed: Collection[tuple[int, str]] | None
) -> MergedIndex:
    """Forget the sets of which a leg is not what it was, and write the lines of the others.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue, in which the index of legs is as it is to be.
    changed : collection of (int, str) or None
        Eclipse and band of the legs that are new or gone; None: all may be.
    """
    forget_sets(connection, _outdated(connection, changed))
    rows = connection.execute(read_sql("updates/merged_lines.sql")).fetchall()
    lines = defaultdict(list)
    for patch, line, _ in rows:
        lines[patch].append(line)
    _write(connection, lines, _members(connection), anew=changed is None)
    return MergedIndex(tuple(sorted(lines)), rows[0][2] if rows else "")


def forget_sets(connection: duckdb.DuckDBPyConnection, names: Collection[str]) -> None:
    """Take sets out of the archive; their files stay for a while."""
    if not names:
        return
    listed = ", ".join(literal(name) for name in names)
    paths = connection.execute(f"SELECT path FROM {FILES} WHERE merged IN ({listed})").fetchall()
    insert_superseded(connection, [path for (path,) in paths])
    for table in TABLES:
        connection.execute(f"DELETE FROM {table} WHERE merged IN ({listed})")


def _outdated(
    connection: duckdb.DuckDBPyConnection, changed: Collection[tuple[int, str]] | None
) -> list[str]:
    """Return the names of the sets with a leg that is not what it was."""
    if changed is None:
        eclipses = connection.execute("SELECT DISTINCT eclipse FROM merged_legs").fetchall()
        if not eclipses:
            return []
        condition = (
            "(eclipse, band, leg, generation) NOT IN (SELECT (eclipse, band, leg, generation) "
            f"FROM rows_of('legs', {[eclipse for (eclipse,) in eclipses]}))"
        )
    elif changed:
        bands = ", ".join(f"({int(eclipse)}, {literal(str(band))})" for eclipse, band in changed)
        condition = f"(eclipse, band) IN ({bands})"
    else:
        return []
    sql = f"SELECT DISTINCT merged FROM merged_legs WHERE {condition} ORDER BY merged"
    return [name for (name,) in connection.execute(sql).fetchall()]


def _members(connection: duckdb.DuckDBPyConnection) -> set[Key]:
    return set(connection.execute("SELECT eclipse, band, leg FROM merged_legs").fetchall())


def _write(
    connection: duckdb.DuckDBPyConnection,
    lines: Mapping[int, list[str]],
    members: Collection[Key],
    *,
    anew: bool,
) -> None:
    """Define the macros of the patches with sets, and drop those of others."""
    ((text,),) = connection.execute("SELECT merged_patches()").fetchall()
    present = set() if anew else set(map(int, text.split()))
    for number in present - lines.keys():
        connection.execute(f"DROP MACRO legs_of_merged_{number}")
    for number, merged in lines.items():
        ((text,),) = connection.execute(f"SELECT legs_of_patch_{number}()").fetchall()
        kept = [line for line in text.split("\n") if _key_of(line) not in members]
        wanted = "\n".join([*kept, *merged])
        if number in present:
            ((text,),) = connection.execute(f"SELECT legs_of_merged_{number}()").fetchall()
        if number not in present or text != wanted:
            connection.execute(
                f"CREATE OR REPLACE MACRO legs_of_merged_{number}() AS {literal(wanted)}"
            )


def _key_of(line: str) -> Key:
    eclipse, band, leg, _ = line.split(" ", 3)
    return int(eclipse), band, int(leg)
