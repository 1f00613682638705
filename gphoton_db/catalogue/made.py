"""Products into the catalogue: files that were made from the archive."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.inserts import insert
from gphoton_db.query.sql_files import literal
from gphoton_db.system.durable import move_durably
from gphoton_db.system.inside import inside

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import ProductRecord
    from gphoton_db.catalogue.staged import StagedProducts


def insert_products(
    connection: duckdb.DuckDBPyConnection, products: "Sequence[ProductRecord]"
) -> None:
    """Enter files, each in the place of an earlier one of its name."""
    for product in products:
        connection.execute("DELETE FROM products WHERE path = ?", [product.path])
    insert(connection, "products", [asdict(product) for product in products])


def insert_made(
    connection: duckdb.DuckDBPyConnection, made: "Sequence[StagedProducts]"
) -> list[str]:
    """Enter what was made of legs; return the files that no longer count."""
    from gphoton_db.catalogue.sources import add_source_file  # not for what only reads

    outdated = []
    for each in made:
        insert_products(connection, each.products)
        for record in each.source_files:
            outdated += add_source_file(connection, record)
    return outdated


def move_made(made: "Sequence[StagedProducts]", root: Path) -> set[Path]:
    """Move the files to their places in the archive at `root`; return the changed folders."""
    changed: set[Path] = set()
    for each in made:
        for path in each.paths:
            move_durably(each.folder / path, inside(root, path), changed)
    return changed


def eclipses_of_products(
    reader: Callable[[], duckdb.DuckDBPyConnection], products: "Sequence[ProductRecord]"
) -> set[int | None]:
    """Return which eclipses products are of, and earlier ones of their names; None: no one."""
    earlier = earlier_products(reader, products)
    return {*earlier.values(), *(product.eclipse for product in products)}


def earlier_products(
    reader: Callable[[], duckdb.DuckDBPyConnection], products: "Sequence[ProductRecord]"
) -> dict[str, int | None]:
    """Return the names of products that the catalogue has, and the eclipses of those it has."""
    if not products:
        return {}
    names = ", ".join(literal(product.path) for product in products)
    with reader() as connection:
        rows = connection.execute(
            f"SELECT path, eclipse FROM products WHERE path IN ({names})"
        ).fetchall()
    return {str(path): eclipse for path, eclipse in rows}
