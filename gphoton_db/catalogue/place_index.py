"""The index by place and by number: which legs a macro need look at, as text in other macros.

DuckDB wants the names of files before it runs a query, and can work them out from constants only.
So the legs stand as text in macros: one for each patch of the sky (``legs_of_patch_2543``), with
the legs whose boresight is in it, and one for each block of eclipses (``legs_of_block_91``).  The
table macros name those that they need; what a query looks at does not grow with the archive.

The macros are also the store: when legs change, the other lines of their patches and blocks are
taken from the macros as they are, and no other macro is touched.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.mission import ECLIPSES_PER_BLOCK
from gphoton_db.query.sql_files import literal, read_sql

Band = tuple[int, str]
"""A band of an eclipse, as a line of the index begins with it."""

PART_NAME = "^legs_of_(patch|block|merged)_[0-9]+$"
"""What the macros with the lines are called, as a regular expression; nobody calls them."""

FEW_PATCHES = 4
"""Of archives with no more, all legs are looked at wherever a query is about."""

_PATCH_FIELD = 10
"""Of a line by block: in which patch the leg is."""


@dataclass(frozen=True)
class PlaceIndex:
    """Which parts the index has.

    Parameters
    ----------
    patches, blocks : tuple of int
        Those with legs, in order.
    any_leg : str
        Path of the files of one leg, without what depends on their kind; empty where there is none.
    """

    patches: tuple[int, ...] = ()
    blocks: tuple[int, ...] = ()
    any_leg: str = ""

    def values(self) -> dict[str, str]:
        """Return what the macros that name the parts are filled in with."""
        named = ", ".join(["chr(10)", "NULL", *(f"{_name('patch', n)}()" for n in self.patches)])
        near = 'found_patches_sql(ra, "dec", half_width, half_height)'
        if len(self.patches) <= FEW_PATCHES:
            in_order = "legs_in_order" if len(self.patches) > 1 else ""
            near = literal(f"{in_order}(indexed_legs(concat_ws({named})))")
        return {
            "$near_patches": near,
            "$patches": literal("".join(f" {number} " for number in self.patches)),
            "$blocks": literal("".join(f" {number} " for number in self.blocks)),
            "$any_leg": literal(self.any_leg),
            "$all_patches": f"concat_ws({named})",
        }


def update_index(
    connection: duckdb.DuckDBPyConnection, changed: Collection[Band] | None
) -> PlaceIndex:
    """Write the parts of the index in which legs are new or gone, and no others.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the catalogue, writable, with the macros that `PlaceIndex.values` fill in.
    changed : collection of (int, str) or None
        Bands of eclipses that were ingested, or taken away; None to write the whole index.  Of the
        tables ``legs`` and ``leg_files`` only the rows of these eclipses are read.

    Raises
    ------
    ArchiveError
        If a file is not called as its leg says.
    """
    if changed is None:
        _forget(connection)
        return _write(connection, PlaceIndex(), _rows(connection, "NULL"), frozenset())
    index = _present(connection)
    if not changed:
        return index
    numbers = ", ".join(sorted({str(int(eclipse)) for eclipse, _ in changed}))
    rows = [row for row in _rows(connection, f"[{numbers}]") if row[:2] in changed]
    return _write(connection, index, rows, frozenset(changed))


def _present(connection: duckdb.DuckDBPyConnection) -> PlaceIndex:
    sql = "SELECT indexed_patches(), indexed_blocks(), any_file('')"
    ((patches, blocks, path),) = connection.execute(sql).fetchall()
    return PlaceIndex(_numbers(patches), _numbers(blocks), path.removesuffix(".parquet"))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(map(int, text.split()))


def _rows(
    connection: duckdb.DuckDBPyConnection, eclipses: str
) -> list[tuple[int, str, int, str, str]]:
    """Return band, patch and lines of each leg of some eclipses."""
    sql = read_sql("updates/leg_lines.sql").replace("$eclipses", eclipses)
    rows = connection.execute(sql).fetchall()
    for *_, unnamed in rows:
        if unnamed is not None:
            raise ArchiveError(
                f"{unnamed}: is in leg_files, but is not called after its eclipse, band, leg and "
                "generation, as every file of a leg is: give it back the name that it had"
            )
    return [row[:-1] for row in rows]


def _write(
    connection: duckdb.DuckDBPyConnection,
    index: PlaceIndex,
    rows: Iterable[tuple[int, str, int, str, str]],
    changed: frozenset[Band],
) -> PlaceIndex:
    """Put the lines of legs in the place of those that their bands have now."""
    in_blocks, in_patches = defaultdict(list), defaultdict(list)
    for eclipse, _, patch, patch_line, block_line in rows:
        in_blocks[eclipse // ECLIPSES_PER_BLOCK].append(block_line)
        in_patches[patch].append(patch_line)
    for eclipse, _ in changed:
        in_blocks[eclipse // ECLIPSES_PER_BLOCK] += []
    before = _lines(connection, "block", index.blocks, in_blocks)
    for line in (line for lines in before.values() for line in lines):
        if _band_of(line) in changed:
            in_patches[int(line.split(" ")[_PATCH_FIELD])] += []
    patches = _merge(connection, "patch", index.patches, in_patches, changed)
    blocks = _merge(connection, "block", index.blocks, in_blocks, changed)
    return PlaceIndex(patches, blocks, _any_leg(connection, blocks))


def _merge(
    connection: duckdb.DuckDBPyConnection,
    part: str,
    present: Collection[int],
    new: Mapping[int, list[str]],
    changed: frozenset[Band],
) -> tuple[int, ...]:
    """Define some patches or blocks anew; return which ones have legs then."""
    remaining = set(present)
    before = _lines(connection, part, present, new)
    for number, lines in new.items():
        kept = [line for line in before.get(number, []) if _band_of(line) not in changed]
        if kept or lines:
            text = literal("\n".join(sorted([*kept, *lines], key=_order)))
            connection.execute(f"CREATE OR REPLACE MACRO {_name(part, number)}() AS {text}")
            remaining.add(number)
        elif number in remaining:
            connection.execute(f"DROP MACRO {_name(part, number)}")
            remaining.remove(number)
    return tuple(sorted(remaining))


def _lines(
    connection: duckdb.DuckDBPyConnection,
    part: str,
    present: Collection[int],
    numbers: Iterable[int],
) -> dict[int, list[str]]:
    """Return the lines of some patches or blocks as the macros have them now."""
    known = [number for number in numbers if number in present]
    if not known:
        return {}
    texts = ", ".join(f"{_name(part, number)}()" for number in known)
    (row,) = connection.execute(f"SELECT {texts}").fetchall()
    return {number: text.split("\n") for number, text in zip(known, row, strict=True)}


def _any_leg(connection: duckdb.DuckDBPyConnection, blocks: tuple[int, ...]) -> str:
    for lines in _lines(connection, "block", blocks, blocks[:1]).values():
        eclipse, band, leg, *_, generation, _, _ = lines[0].split(" ")
        return f"/band={band}/eclipse={eclipse}/leg={leg}/{generation.rstrip('+')}"
    return ""


def _forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the macros of all patches and blocks."""
    names = connection.execute(
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal "
        f"AND database_name = current_database() AND regexp_matches(function_name, '{PART_NAME}')"
    ).fetchall()
    for (name,) in names:
        connection.execute(f"DROP MACRO {name}")


def _name(part: str, number: int) -> str:
    return f"legs_of_{part}_{number}"


def _band_of(line: str) -> Band:
    eclipse, band, _ = line.split(" ", 2)
    return int(eclipse), band


def _order(line: str) -> tuple[int, str, int]:
    eclipse, band, leg, _ = line.split(" ", 3)
    return int(eclipse), band, int(leg)
