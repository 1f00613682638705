"""Light curves, event lists and other tables to files: ECSV, CSV, FITS, Parquet, VOTable."""

import warnings
from collections.abc import Mapping
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from astropy.table import Table
from astropy.units import UnitsWarning

from gphoton_db.errors import ProductError
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.fits.table_hdus import table_hdus
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import entered
from gphoton_db.system.durable import Move, move_durably

FORMATS = {
    "ecsv": ("ascii.ecsv", (".ecsv",)),
    "csv": ("ascii.csv", (".csv",)),
    "fits": ("fits", (".fits", ".fit", ".fits.gz")),
    "parquet": ("parquet", (".parquet",)),
    "votable": ("votable", (".vot", ".votable", ".xml")),
}
"""Our name of a format: astropy's, and the endings of its files."""

EXTENSIONS = {
    "lightcurve": ("RATE", "LIGHTCURVE"),
    "events": ("EVENTS", "EVENTS"),
    "find": ("VISITS", "VISITS"),
    "search": ("VISITS", "VISITS"),
    "match": ("MATCHES", "MATCHES"),
    "flares": ("FLARES", "FLARES"),
}


def format_of(path: Path, name: str | None = None) -> str:
    """Return the format that a user named, or that the ending of a file says.

    Raises
    ------
    ProductError
        If there is no such format.
    """
    if name is None:
        for known, (_, endings) in FORMATS.items():
            if path.name.lower().endswith(endings):
                return known
        raise ProductError(
            f"{path}: its ending says no format: name one of {', '.join(FORMATS)}, or let the "
            "name end in " + ", ".join(endings[0] for _, endings in FORMATS.values())
        )
    if name.lower() not in FORMATS:
        raise ProductError(f"unknown format {name!r}: it is one of {', '.join(FORMATS)}")
    return name.lower()


def write_light_curve(table: Table, path: Path, name: str | None = None) -> Path:
    """Write a light curve, or a table of many, to a file; see `LightCurve.write`."""
    return write_table(table, path, name, extension="RATE", hdu_class="LIGHTCURVE")


def write_table(
    table: Table,
    path: Path,
    name: str | None,
    *,
    extension: str,
    hdu_class: str,
    move: Move = move_durably,
) -> Path:
    """Write a table to a file, which is replaced.

    Parameters
    ----------
    table : Table
        Its ``meta`` goes along in ECSV, Parquet and FITS.
    path : Path
        The file.
    name : str, optional
        Of `FORMATS`; None: by the ending.
    extension, hdu_class : str
        EXTNAME and HDUCLAS1 of a FITS file.
    move : callable, optional
        As for `being_written`.

    Raises
    ------
    ProductError
        If there is no such format, or the file cannot be written; nothing is left then.
    """
    chosen = format_of(path, name)
    with being_written(path, move) as temporary:
        if chosen == "fits":
            hdus = table_hdus(_plain(table, chosen), extension, hdu_class)
            # The temporary name does not end in .gz, which is how astropy knows what to do.
            if path.suffix == ".gz":
                import gzip

                with gzip.open(temporary, "wb") as file:
                    hdus.writeto(file, checksum=True)
            else:
                hdus.writeto(temporary, overwrite=True, checksum=True)
        else:
            _write_plain(table, temporary, chosen, overwrite=True)
    return path


def encode_table(table: Table, name: str) -> bytes:
    """Return a table as a text file of the format ``ecsv``, ``csv`` or ``votable``."""
    if name == "votable":
        binary = BytesIO()
        _write_plain(table, binary, name)
        return binary.getvalue()
    text = StringIO()
    _write_plain(table, text, name)
    return text.getvalue().encode()


def _write_plain(table: Table, target: Any, chosen: str, **options: Any) -> None:
    with warnings.catch_warnings():
        # VOUnit has given up erg and Angstrom, in which the field gives fluxes.
        warnings.simplefilter("ignore", UnitsWarning)
        plain = _plain(table, chosen)
        if chosen == "votable" and not len(plain):
            _write_no_rows(plain, target)
        else:
            plain.write(target, format=FORMATS[chosen][0], **options)


def _write_no_rows(plain: Table, target: Any) -> None:
    """Write a VOTable that has no row, but DATA all the same: without it, STILTS sees no table."""
    content = BytesIO()
    plain.write(content, format="votable")
    data = b"   <DATA>\n    <TABLEDATA>\n    </TABLEDATA>\n   </DATA>\n  </TABLE>"
    filled = content.getvalue().replace(b"  </TABLE>", data)
    if isinstance(target, Path):
        target.write_bytes(filled)
    else:
        target.write(filled)


def write_registered(
    archive: ArchiveReader, table: Table, path: str | Path, name: str | None = None
) -> Path:
    """Write a table and enter the file into the archive's products."""
    path = Path(path).expanduser()
    kind = str(table.meta.get("KIND", "lightcurve"))
    extension, hdu_class = EXTENSIONS[kind]
    with entered(archive.catalogue, kind=kind, parameters=parameters_of(table.meta)) as move:
        write_table(table, path, name, extension=extension, hdu_class=hdu_class, move=move)
    return path


def parameters_of(meta: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the archive's table of products says of how a table was made."""
    return {key: meta[key] for key in meta if key not in ("GTI", "LEGS", "POINTING")}


def _plain(table: Table, chosen: str) -> Table:
    """Return a copy that the writers of a format take."""
    meta = {key: value for key, value in table.meta.items() if value is not None}
    columns = {name: table[name] for name in table.colnames}
    # Times as text, quantities as numbers with a unit: what is astropy's own (the tags in the
    # header of ECSV, say) others cannot read.
    columns = {
        name: values if (chosen, name) == ("fits", "time") else _as_column(values)
        for name, values in columns.items()
    }
    if chosen == "csv":
        columns = {name: _with_gaps(values) for name, values in columns.items()}
    return Table(columns, meta={} if chosen in ("csv", "votable") else meta, copy=False)


def _with_gaps(values: Any) -> Any:
    """Return a column in which what is not known is masked, so that a field of CSV stays empty."""
    from astropy.table import MaskedColumn

    if values.dtype.kind != "f":
        return values
    masked = np.ma.getmaskarray(np.ma.asarray(values)) | np.isnan(np.ma.getdata(values))
    return MaskedColumn(np.ma.getdata(values), mask=masked)


def _as_column(values: Any) -> Any:
    from astropy.table import Column
    from astropy.time import Time

    if isinstance(values, Time):
        # Without a row astropy makes numbers of them.
        return np.asarray(values.isot).astype("U23")
    if isinstance(values, Column):
        return values
    if hasattr(values, "unit") and hasattr(values, "value"):
        return Column(np.asarray(values.value), unit=values.unit)
    return values
