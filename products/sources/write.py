"""Tables of sources and photometry to CSV and Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written

if TYPE_CHECKING:
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


def write_sources(table: "Table", path: Path) -> Path:
    """Write a table to a file, by its ending: ``.csv`` or ``.parquet``.

    Its ``meta`` goes along in Parquet, as text: eclipse, band, leg, calibration.

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
    columns = pa.table({name: pa.array(_plain(table[name])) for name in table.colnames})
    meta = {key: str(value) for key, value in table.meta.items() if np.isscalar(value)}
    with being_written(path) as temporary:
        if path.suffix == ".csv":
            pyarrow.csv.write_csv(columns, temporary)
        else:
            described = columns.replace_schema_metadata(meta)
            pyarrow.parquet.write_table(described, temporary, compression="zstd")
    return path


def _plain(column: Any) -> NDArray[Any]:
    return np.ma.filled(np.ma.asarray(getattr(column, "value", column)))
