"""Sources, catalogue entries and variables near a position, from the views of those names."""

from typing import Any

from gphoton_db.products.reader import ArchiveReader
from gphoton_db.query.sql_files import literal
from gphoton_db.serve.parameters import Parameters
from gphoton_db.serve.refusals import NOT_FOUND, RequestError
from gphoton_db.serve.rows import as_rows
from gphoton_db.serve.statements import comments_of

LIST_PARAMETERS = ("ra", "dec", "radius", "band", "catalog", "columns", "limit", "order")

LARGEST_RADIUS_ARCSEC = 180 * 3600.0
MOST_ROWS, USUAL_ROWS = 10_000, 2000

_FALLING = ("score", "n_visits", "exposure")
"""Columns of which the largest is of interest first."""


def listed(archive: ArchiveReader, view: str, asked: Parameters) -> dict[str, Any]:
    """Return rows of a view, near a position where one is given.

    Raises
    ------
    RequestError
        If the archive has no such view, or a parameter is not valid.
    """
    if not archive.rows(f"SELECT 1 AS n FROM duckdb_views() WHERE view_name = '{view}'"):
        raise RequestError(f"this archive has no {view}", NOT_FOUND)
    # In quotes: VARIABLES is a word of DuckDB's.
    described = archive.rows(f'DESCRIBE FROM "{view}"')
    columns = [row["column_name"] for row in described]
    shown = "*"
    if asked.choice("columns", ("all", "single"), "all") == "single":
        # Lists of numbers, such as one for each aperture, are two thirds of a catalogue.
        kinds = {row["column_name"]: row["column_type"] for row in described}
        single = [name for name in columns if not kinds[name].endswith("]") or "VAR" in kinds[name]]
        shown = ", ".join(f'"{name}"' for name in single)
    limit = asked.whole("limit", 1, MOST_ROWS, USUAL_ROWS)
    conditions, order = ["true"], []
    if asked.has("ra") or asked.has("dec"):
        cone, distance = _cone(asked)
        conditions.append(cone)
        order.append(distance)
    if asked.has("band"):
        conditions.append(_of_band(view, columns, str(asked.band())))
    if asked.has("catalog"):
        conditions.append(_of_catalog(view, columns, asked.text("catalog")))
    if asked.has("order"):
        chosen = asked.choice("order", columns)
        order.insert(0, f'"{chosen}" {"DESC" if chosen in _FALLING else "ASC"} NULLS LAST')
    sql = f'SELECT {shown} FROM "{view}" WHERE {" AND ".join(conditions)}'
    if order:
        sql += f" ORDER BY {', '.join(order)}"
    found = as_rows(archive.arrow(f"{sql} LIMIT {limit + 1}"), limit)
    known = comments_of({view})
    return found | {"comments": [known.get(name, "") for name in found["columns"]]}


def _cone(asked: Parameters) -> tuple[str, str]:
    """Return the condition for rows near a position, and how far from it they are, in SQL."""
    ra, dec = asked.position()
    radius = asked.number("radius", 0.0, LARGEST_RADIUS_ARCSEC)
    distance = f'separation(ra, "dec", {ra!r}::DOUBLE, {dec!r}::DOUBLE)'
    reach = radius / 3600.0 + 1e-9
    band = f'"dec" BETWEEN {dec - reach!r}::DOUBLE AND {dec + reach!r}::DOUBLE'
    return f"{band} AND {distance} <= {radius!r}::DOUBLE", distance


def _of_band(view: str, columns: list[str], band: str) -> str:
    if "band" in columns:
        return f"band = '{band}'"
    if "bands" in columns:
        return f"contains(bands, '{band}')"
    raise RequestError(f"{view} has no band")


def _of_catalog(view: str, columns: list[str], catalog: str) -> str:
    if "catalog" not in columns:
        raise RequestError(f"{view} has no catalog")
    return f"catalog = {literal(catalog)}"
