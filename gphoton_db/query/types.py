"""Types of SQL that Arrow has no kind of its own for, and how they are asked for instead."""

from collections.abc import Sequence
from typing import Any

from gphoton_db.query.sql_files import identifier

INSTEAD = {
    **dict.fromkeys(("bit", "bignum", "interval", "union", "variant", "geometry"), "VARCHAR"),
    **dict.fromkeys(("time with time zone", "time_ns"), "VARCHAR"),
    "uhugeint": "DOUBLE",
}
"""DuckDB's names of types, and the type in which their values come: Arrow has none that is read
by pandas, numpy and Parquet, or DuckDB gives it what loses a part of the value."""


def other_types(described: Sequence[Sequence[Any]]) -> list[str | None]:
    """Return the type in which each column of a result must be asked for; None: its own.

    Parameters
    ----------
    described : sequence
        The ``description`` of DuckDB's cursor.
    """
    return [_instead(column[1]) for column in described]


def with_other_types(sql: str, names: Sequence[str], kinds: Sequence[str | None]) -> str:
    """Return a statement that gives the rows of another one, some columns of them cast.

    Parameters
    ----------
    sql : str
        One statement without a semicolon.
    names : sequence of str
        Of its columns.
    kinds : sequence of str or None
        What `other_types` says of them.
    """
    given = ", ".join(f"c{k}" for k in range(len(names)))
    columns = ", ".join(
        f"{f'c{k}' if kind is None else f'CAST(c{k} AS {kind})'} AS {identifier(name)}"
        for k, (name, kind) in enumerate(zip(names, kinds, strict=True))
    )
    return f"SELECT {columns} FROM (\n{sql}\n) AS given({given})"


def _instead(kind: Any) -> str | None:
    """Return what a type is cast to, with what a nested one holds; None: it stays as it is."""
    name = kind.id
    if name in INSTEAD:
        return INSTEAD[name]
    if name not in ("list", "array", "struct", "map"):
        return None
    parts = [(str(part), _instead(held), held) for part, held in _held(kind)]
    if not any(instead for _, instead, _ in parts):
        return None
    kinds = [(part, instead or str(held)) for part, instead, held in parts]
    if name == "list":
        return f"{kinds[0][1]}[]"
    if name == "array":
        return f"{kinds[0][1]}[{dict(kind.children)['size']}]"
    if name == "map":
        return f"MAP({kinds[0][1]}, {kinds[1][1]})"
    return f"STRUCT({', '.join(f'{identifier(part)} {held}' for part, held in kinds)})"


def _held(kind: Any) -> list[tuple[str, Any]]:
    """Return the parts of a nested type that are types."""
    return [(name, held) for name, held in kind.children if not isinstance(held, int)]
