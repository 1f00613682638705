"""The last step of every change of the catalogue: what follows from the legs; files; views."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from gphoton_db.catalogue.coverage import forget_outdated_legs
from gphoton_db.catalogue.segments import (
    Loaded,
    blocks_in,
    define_tables,
    folder_in_sql,
    store,
)
from gphoton_db.catalogue.shutter_gaps import update_shutter_gaps
from gphoton_db.catalogue.sources import forget_outdated
from gphoton_db.catalogue.superseded import insert_superseded
from gphoton_db.catalogue.totals import has_totals, make_totals, update_totals
from gphoton_db.catalogue.views import define_views
from gphoton_db.query.sql_files import literal


def finish(
    connection: duckdb.DuckDBPyConnection,
    root: Path,
    folder: Path,
    loaded: Loaded,
    bands: Collection[tuple[int, str]] | None = None,
) -> None:
    """Make tables, files and views of the catalogue those of the legs that there are now.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the next version of the catalogue, with temporary tables.
    root : Path
        The archive's folder.
    folder : Path
        Where the catalogue is, and its files go: another one for a copy.
    loaded : Loaded
        What the temporary tables were before.
    bands : collection of (int, str), optional
        Eclipse and band of the legs that are new or gone; None: all.
    """
    # A bound value would import pandas.
    connection.execute(f"UPDATE archive_info SET root = {literal(str(root))}")
    if "source_files" in loaded.tables:
        insert_superseded(connection, forget_outdated(connection))
    if "shutter_gaps" in loaded.tables:
        update_shutter_gaps(connection, root)
    if "coverage" in loaded.tables:
        forget_outdated_legs(connection)
    summed_up = has_totals(connection)
    if summed_up:
        update_totals(connection, loaded.tables, blocks_in(connection, loaded))
    insert_superseded(connection, store(connection, folder, loaded))
    where = folder_in_sql(root) if folder == root else literal(str(folder / "catalogue"))
    define_tables(connection, where)
    if not summed_up:
        make_totals(connection)
    define_views(connection, root, bands)
