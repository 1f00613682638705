"""The SQL files of the package, and text that goes into SQL where no parameter can be bound."""

from importlib.resources import files


def read_sql(name: str) -> str:
    """Return the text of an SQL file, such as ``views/photons.sql``."""
    return files("gphoton_db.sql").joinpath(*name.split("/")).read_text(encoding="utf-8")


def literal(text: str) -> str:
    """Return `text` as an SQL string literal, quotes and all.

    For the few places where DuckDB takes no bound parameter: ATTACH, and view definitions.
    """
    return "'" + text.replace("'", "''") + "'"
