"""The visits that pointing files know of, in bulk: consolidated tables and spacecraft states."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from gphoton_db.aspect.asprta import eclipse_in_name
from gphoton_db.aspect.consolidated import TEXT_FIELDS, WHOLE_FIELDS, ConsolidatedTables
from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.aspect.read import find_pointing
from gphoton_db.aspect.scst import read_planned_legs, read_scst_metadata
from gphoton_db.aspect.sphere import normalised_angle
from gphoton_db.aspect.tables import Columns, numeric_columns, read_eclipse_rows
from gphoton_db.catalogue.records import BoresightRecord
from gphoton_db.catalogue.visits import BORESIGHT_SCHEMA, METADATA_SCHEMA, KnownVisits
from gphoton_db.errors import PointingError

logger = logging.getLogger(__name__)

LARGEST_NUMBER = 2**31 - 1
"""Of an eclipse or a leg, in the catalogue."""


def find_visits(pointing: Path) -> KnownVisits:
    """Return what an archive's folder of pointing files says of visits.

    Where two tables of boresights have an eclipse, the one that comes first by its folder's name
    counts: ``consolidated`` before the tables of single eclipses.  Damaged files are left out,
    and logged.

    Parameters
    ----------
    pointing : Path
        The folder; it and the folders directly in it are looked into.
    """
    folders = [(ConsolidatedTables.among(files), files) for files in _files_by_folder(pointing)]
    states = [file for _, files in folders for file in files if "scst" in file.name.lower()]
    return _gathered([tables for tables, _ in folders], states)


def find_visit(pointing: Path, eclipse: int) -> KnownVisits:
    """Return what an archive's folder of pointing files says of one visit; see `find_visits`.

    Raises
    ------
    PointingError
        If the folder cannot be searched.
    """
    files = find_pointing(pointing, eclipse)
    return _gathered(files.consolidated, files.scst, eclipse)


def _gathered(
    folders: Iterable[ConsolidatedTables], states: Iterable[Path], eclipse: int | None = None
) -> KnownVisits:
    """Return what tables and spacecraft states say of one visit, or of all (None)."""
    metadata, boresights = [METADATA_SCHEMA.empty_table()], [BORESIGHT_SCHEMA.empty_table()]
    known: set[int] = set()
    for tables in folders:
        try:
            if tables.metadata:
                metadata.append(metadata_rows(tables.metadata, eclipse))
            if tables.boresight:
                rows = boresight_rows(tables.boresight, eclipse)
                new = ~np.isin(rows["eclipse"].to_numpy(), list(known))
                boresights.append(rows.filter(pa.array(new)))
                known |= set(rows["eclipse"].to_pylist())
        except PointingError as error:
            logger.warning("left out: %s", error)
    planned = visits_of_states(states)
    return KnownVisits(
        pa.concat_tables([*metadata, planned.metadata]),
        pa.concat_tables(boresights),
        planned.planned,
    )


def visits_of_states(states: Iterable[Path]) -> KnownVisits:
    """Return metadata and planned legs from spacecraft states (scst), one file an eclipse.

    Damaged files, and those of which nothing says the eclipse, are left out, and logged.
    """
    metadata: dict[int, VisitMetadata] = {}
    planned: list[BoresightRecord] = []
    for path in states:
        eclipse = eclipse_in_name(path)
        if eclipse is None or eclipse in metadata:
            continue
        try:
            metadata[eclipse] = read_scst_metadata(path, eclipse)
            planned += [
                BoresightRecord(eclipse, leg.number, leg.ra0, leg.dec0, leg.roll0)
                for leg in read_planned_legs(path, eclipse)
            ]
        except PointingError as error:
            logger.warning("left out: %s", error)
    return KnownVisits.of(metadata.values(), planned=planned)


def boresight_rows(path: Path, eclipse: int | None = None) -> pa.Table:
    """Return a consolidated boresight table, or the part of an eclipse, as rows of the catalogue.

    Rows without a usable number or position are left out, and logged.

    Raises
    ------
    PointingError
        If the table is damaged, lacks columns, or has a leg twice.
    """
    table = read_eclipse_rows(
        path, eclipse, required=("leg", "ra0", "dec0"), optional=("roll0", "start")
    )
    columns = numeric_columns(table, path)
    usable = _is_number(columns["eclipse"]) & _is_number(columns["leg"])
    usable &= np.isfinite(columns["ra0"]) & (np.abs(columns["dec0"]) <= 90)
    _say_left_out(path, usable)
    columns = {name: column[usable] for name, column in columns.items()}
    columns["t0"] = columns.pop("start", np.full(int(usable.sum()), np.nan))
    columns["ra0"] = normalised_angle(columns["ra0"])
    columns["leg"] = columns["leg"] - 1
    rows = _as_rows(columns, BORESIGHT_SCHEMA)
    _refuse_repeats(path, rows, ["eclipse", "leg"])
    return rows


def metadata_rows(path: Path, eclipse: int | None = None) -> pa.Table:
    """Return a consolidated metadata table, or the part of an eclipse, as rows of the catalogue.

    Raises
    ------
    PointingError
        If the table is damaged, or has an eclipse twice.
    """
    names = [f.name for f in fields(VisitMetadata) if f.name != "eclipse"]
    table = read_eclipse_rows(path, eclipse, required=(), optional=names)
    texts = {name: table[name].cast(pa.string()) for name in TEXT_FIELDS & set(table.column_names)}
    columns = numeric_columns(table.drop_columns([*texts]), path)
    usable = _is_number(columns["eclipse"])
    _say_left_out(path, usable)
    for name in WHOLE_FIELDS & set(columns):
        columns[name] = np.rint(columns[name])
    if "planned_legs" in columns:
        columns["planned_legs"] = np.fmax(columns["planned_legs"], 1)
    columns = {name: column[usable] for name, column in columns.items()}
    rows = _as_rows(columns, METADATA_SCHEMA)
    for name, column in texts.items():
        stripped = pc.utf8_trim_whitespace(column.filter(pa.array(usable)))
        rows = rows.set_column(METADATA_SCHEMA.get_field_index(name), name, stripped)
    _refuse_repeats(path, rows, ["eclipse"])
    return rows


def _files_by_folder(pointing: Path) -> Iterator[list[Path]]:
    if not pointing.is_dir():
        return
    entries = sorted(pointing.iterdir())
    yield [entry for entry in entries if entry.is_file()]
    for folder in (entry for entry in entries if entry.is_dir()):
        yield sorted(file for file in folder.iterdir() if file.is_file())


def _is_number(values: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return which values are whole numbers from 1 on."""
    whole: NDArray[np.bool_] = np.rint(values) == values
    return whole & (values >= 1) & (values <= LARGEST_NUMBER)


def _say_left_out(path: Path, usable: NDArray[np.bool_]) -> None:
    n = int((~usable).sum())
    if n:
        logger.warning("%s: %d rows without a usable number or position are left out", path, n)


def _as_rows(columns: Columns, schema: pa.Schema) -> pa.Table:
    """Return columns in the order and the types of a schema; NaN, and what is missing, is NULL."""
    n = len(columns["eclipse"])
    missing = np.full(n, np.nan)
    return pa.table(
        [
            pa.array(columns.get(name, missing), pa.float64(), from_pandas=True).cast(kind)
            for name, kind in zip(schema.names, schema.types, strict=True)
        ],
        schema=schema,
    )


def _refuse_repeats(path: Path, rows: pa.Table, keys: list[str]) -> None:
    counts = rows.group_by(keys).aggregate([([], "count_all")])
    repeated = counts.filter(pc.field("count_all") > 1).slice(0, 1).to_pylist()
    for row in repeated:
        what = ", ".join(f"{key} {row[key]}" for key in keys)
        raise PointingError(f"{path}: {row['count_all']} rows of {what}, where one is expected")
