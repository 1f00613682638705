"""The photons of a leg as one Parquet file, for programs that know nothing of the archive."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow.parquet as pq

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.photon_batches import check_files
from gphoton_db.products.reader import ArchiveReader, photon_files
from gphoton_db.products.registry import entered
from gphoton_db.query.sql_files import literal
from gphoton_db.schemas import PHOTONS

WEIGHT = "weight"
"""A column that is not stored: 1 / response, NULL where the response is 0."""

_ROWS = 122_880


def photon_list_name(leg: LegRecord) -> str:
    """Return the usual name of a leg's photon list: ``e23456-nd-b00.parquet``."""
    return f"e{leg.eclipse:05d}-{Band(leg.band).letter}d-b{leg.leg:02d}.parquet"


def write_photon_list(
    archive: ArchiveReader, leg: LegRecord, columns: Sequence[str], path: Path
) -> Path:
    """Write the photons of a leg, flagged ones too, to a Parquet file.

    They are in the archive's order, by place on the sky and then by time.

    Parameters
    ----------
    archive : ArchiveReader
        Holds the leg, and is told of the file.
    leg : LegRecord
        Which it is.
    columns : sequence of str
        Columns of the view ``photons``, in any order, and `WEIGHT`; ``all`` is every one of them.
    path : Path
        The file, which is replaced; or a folder, in which it gets its usual name.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ProductError
        If there is no such column, or the file cannot be written; nothing is left then.
    """
    names = checked_columns(archive, columns)
    if path.is_dir():
        path = path / photon_list_name(leg)
    chosen = ", ".join("1 / nullif(response, 0) AS weight" if n == WEIGHT else n for n in names)
    check_files(photon_files(archive, leg), PHOTONS.names)
    cursor = archive.connection.execute(
        f"SELECT {chosen} FROM eclipse_photons({leg.eclipse}, "
        f"band := {literal(leg.band)}, leg := {leg.leg})"
    )
    batches = cursor.to_arrow_reader(_ROWS)
    schema = batches.schema.with_metadata({"CALHASH": leg.calibration})
    parameters = {"columns": names}
    with (
        entered(archive.catalogue, kind="photon list", parameters=parameters, leg=leg) as move,
        being_written(path, move) as temporary,
        pq.ParquetWriter(temporary, schema, compression="zstd") as file,
    ):
        for batch in batches:
            file.write_batch(batch)
    return path


def checked_columns(archive: ArchiveReader, columns: Sequence[str]) -> list[str]:
    """Return the columns of a photon list that were asked for, each once.

    Raises
    ------
    ProductError
        If there is no such column.
    """
    known = [row["column_name"] for row in archive.rows("DESCRIBE photons")] + [WEIGHT]
    names = list(dict.fromkeys(columns))
    if names == ["all"]:
        return known
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        what = f"photons have no column {unknown[0]!r}" if unknown else "no columns were named"
        raise ProductError(f"{what}: there are {', '.join(known)}; or all")
    return names
