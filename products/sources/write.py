"""Tables of sources and photometry to CSV and Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written
from gphoton_db.system.durable import Move, move_durably

if TYPE_CHECKING:
    import pyarrow as pa
    from astropy.table import Table

FORMATS = ("csv", "parquet")


def check_format(kind: str) -> None:
    """Refuse a format that tables are not written in.

    Raises
    ------
    ProductError
        If it is neither ``csv`` nor ``parquet``.
    """
    if kind not in FORMATS:
        raise ProductError(f"unknown format {kind!r}: it is {' or '.join(FORMATS)}")


def write_sources(table: "Table", path: Path, move: Move = move_durably) -> Path:
    """Write a table to a file, by its ending: ``.csv`` or ``.parquet``.

    Its ``meta`` goes along in Parquet, as text: eclipse, band, leg, calibration.  What is not
    known, NaN or masked, is a blank in CSV.

    Raises
    ------
    ProductError
        If it has another ending, or cannot be written; no incomplete file is left then.
    """
    import pyarrow as pa
    import pyarrow.csv
    import pyarrow.parquet

    check_format(path.suffix.lstrip("."))
    # Not with astropy, which takes a minute for a hundred thousand rows.
    blank = path.suffix == ".csv"
    columns = pa.table({n: _arrow(table[n], nan_is_null=blank) for n in table.colnames})
    meta = {key: str(value) for key, value in table.meta.items() if np.isscalar(value)}
    with being_written(path, move) as temporary:
        if blank:
            pyarrow.csv.write_csv(columns, temporary)
        else:
            described = columns.replace_schema_metadata(meta)
            pyarrow.parquet.write_table(described, temporary, compression="zstd")
    return path


def _arrow(column: Any, *, nan_is_null: bool) -> "pa.Array":
    """Return a column with NULL where it is masked and, on request, where it is NaN."""
    import pyarrow as pa

    values = np.ma.asarray(getattr(column, "value", column))
    missing = np.ma.getmaskarray(values)
    if nan_is_null and values.dtype.kind == "f":
        missing = missing | np.isnan(values.data)
    return pa.array(values.data, mask=missing if missing.any() else None)
