"""The index by place and by number: which legs a macro need look at, as text in other macros.

DuckDB wants the names of files before it runs a query, and can work them out from constants only.
So the legs stand as text in macros: one for each patch of the sky (``legs_of_patch_2543``), with
the legs whose boresight is in it.  The table macros name those that they need; what a query looks
at does not grow with the archive.  In which patches an eclipse has legs is text, too, of all
eclipses in one macro: so a leg has one line, whether it is looked for by place or by number.

The macros are also the store: when legs change, the other lines of their patches are taken from the
macros as they are, and no other macro is touched.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import duckdb

from gphoton_db.errors import ArchiveError
from gphoton_db.query.sql_files import literal, read_sql

Band = tuple[int, str]
"""A band of an eclipse, as a line of the index begins with it."""

PART_NAME = "^legs_of_(patch|block|merged)_[0-9]+$"
"""What the macros with the lines are called, as a regular expression; nobody calls them.

Those of blocks of eclipses are of an older gphoton-db."""

FEW_PATCHES = 4
"""Of archives with no more, all legs are looked at wherever a query is about."""

_OLD_MACRO = "indexed_blocks"
"""What an older gphoton-db had besides."""


@dataclass(frozen=True)
class PlaceIndex:
    """Which parts the index has.

    Parameters
    ----------
    patches : tuple of int
        Those with legs, in order.
    eclipses : mapping
        Each eclipse with legs, and the numbers of their patches as text.
    any_leg : str
        Path of the files of one leg, without what depends on their kind; empty where there is none.
    """

    patches: tuple[int, ...] = ()
    eclipses: Mapping[int, str] = field(default_factory=dict)
    any_leg: str = ""

    def values(self) -> dict[str, str]:
        """Return what the macros that name the parts are filled in with."""
        named = ", ".join(["chr(10)", "NULL", *(f"{_name(n)}()" for n in self.patches)])
        near = 'found_patches_sql(ra, "dec", half_width, half_height)'
        if len(self.patches) <= FEW_PATCHES:
            in_order = "legs_in_order" if len(self.patches) > 1 else ""
            near = literal(f"{in_order}(indexed_legs(concat_ws({named})))")
        return {
            "$near_patches": near,
            "$patches": literal("".join(f" {number} " for number in self.patches)),
            "$eclipses": literal("".join(f"\n{n} {each}" for n, each in self.eclipses.items())),
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
    sql = "SELECT indexed_patches(), indexed_eclipses(), any_file('')"
    ((patches, eclipses, path),) = connection.execute(sql).fetchall()
    lines = (line.partition(" ") for line in eclipses.split("\n")[1:])
    return PlaceIndex(
        tuple(map(int, patches.split())),
        {int(eclipse): patches for eclipse, _, patches in lines},
        path.removesuffix(".parquet"),
    )


def _rows(connection: duckdb.DuckDBPyConnection, eclipses: str) -> list[tuple[int, str, int, str]]:
    """Return eclipse, band, patch and line of each leg of some eclipses."""
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
    rows: Iterable[tuple[int, str, int, str]],
    changed: frozenset[Band],
) -> PlaceIndex:
    """Put the lines of legs in the place of those that their bands have now."""
    lines: dict[int, list[str]] = defaultdict(list)
    eclipses = {eclipse for eclipse, _ in changed}
    for eclipse in eclipses:
        for number in index.eclipses.get(eclipse, "").split():
            lines[int(number)] += []
    for eclipse, _, patch, line in rows:
        lines[patch].append(line)
        eclipses.add(eclipse)
    merged = _merge(connection, index.patches, lines, changed)
    patches = set(index.patches) - merged.keys() | {n for n, each in merged.items() if each}
    found: dict[int, set[int]] = {eclipse: set() for eclipse in eclipses}
    for patch, each in merged.items():
        for eclipse in {_band_of(line)[0] for line in each} & eclipses:
            found[eclipse].add(patch)
    of_eclipses = {
        **index.eclipses,
        **{eclipse: " ".join(map(str, sorted(each))) for eclipse, each in found.items()},
    }
    of_eclipses = {n: of_eclipses[n] for n in sorted(of_eclipses) if of_eclipses[n]}
    first = int(next(iter(of_eclipses.values())).split()[0]) if of_eclipses else None
    return PlaceIndex(tuple(sorted(patches)), of_eclipses, _any_leg(connection, first))


def _merge(
    connection: duckdb.DuckDBPyConnection,
    present: Collection[int],
    new: Mapping[int, list[str]],
    changed: frozenset[Band],
) -> dict[int, list[str]]:
    """Define some patches anew; return their lines, none where there are no legs any more."""
    before, after = _lines(connection, [n for n in new if n in present]), {}
    for number, lines in new.items():
        kept = [line for line in before.get(number, []) if _band_of(line) not in changed]
        after[number] = sorted([*kept, *lines], key=_order)
        if after[number]:
            text = literal("\n".join(after[number]))
            connection.execute(f"CREATE OR REPLACE MACRO {_name(number)}() AS {text}")
        elif number in before:
            connection.execute(f"DROP MACRO {_name(number)}")
    return after


def _lines(connection: duckdb.DuckDBPyConnection, patches: Sequence[int]) -> dict[int, list[str]]:
    """Return the lines of some patches as the macros have them now."""
    if not patches:
        return {}
    texts = ", ".join(f"{_name(number)}()" for number in patches)
    (row,) = connection.execute(f"SELECT {texts}").fetchall()
    return {number: text.split("\n") for number, text in zip(patches, row, strict=True)}


def _any_leg(connection: duckdb.DuckDBPyConnection, patch: int | None) -> str:
    for lines in _lines(connection, [] if patch is None else [patch]).values():
        eclipse, band, leg, *_, generation, _ = lines[0].split(" ")
        return f"/band={band}/eclipse={eclipse}/leg={leg}/{generation.rstrip('+')}"
    return ""


def _forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the macros of all patches, and what an older gphoton-db had besides."""
    connection.execute(f"DROP MACRO IF EXISTS {_OLD_MACRO}")
    names = connection.execute(
        "SELECT function_name FROM duckdb_functions() WHERE NOT internal "
        f"AND database_name = current_database() AND regexp_matches(function_name, '{PART_NAME}')"
    ).fetchall()
    for (name,) in names:
        connection.execute(f"DROP MACRO {name}")


def _name(patch: int) -> str:
    return f"legs_of_patch_{patch}"


def _band_of(line: str) -> Band:
    eclipse, band, _ = line.split(" ", 2)
    return int(eclipse), band


def _order(line: str) -> tuple[int, str, int]:
    eclipse, band, leg, _ = line.split(" ", 3)
    return int(eclipse), band, int(leg)
