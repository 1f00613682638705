"""Light curves, event lists and other tables to files: ECSV, CSV, FITS, Parquet, VOTable."""

import warnings
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import QTable, Table
from astropy.units import UnitsWarning

from gphoton_db.errors import ProductError
from gphoton_db.mission import MJD_OF_GALEX_ZERO
from gphoton_db.products.fits.files import being_written
from gphoton_db.products.fits.provenance import (
    TELESCOPE,
    Card,
    calibration_cards,
    program_cards,
)
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import register

FORMATS = {
    "ecsv": ("ascii.ecsv", (".ecsv",)),
    "csv": ("ascii.csv", (".csv",)),
    "fits": ("fits", (".fits", ".fit", ".fits.gz")),
    "parquet": ("parquet", (".parquet",)),
    "votable": ("votable", (".vot", ".votable", ".xml")),
}
"""Our name of a format: astropy's, and the endings of its files."""

KEYWORDS = {
    "RA": ("RA_OBJ", "[deg] position, right ascension (ICRS)"),
    "DEC": ("DEC_OBJ", "[deg] position, declination (ICRS)"),
    "RADIUS": ("APRADIUS", "[arcsec] radius of the aperture"),
    "STEP": ("TIMEDEL", "[s] length of a bin"),
    "METHOD": ("METHOD", "photon or image"),
    "SOURCES": ("NMASKED", "known sources that annuli may leave out"),
}
"""What a table's ``meta`` becomes in a FITS header."""

EXTENSIONS = {
    "lightcurve": ("RATE", "LIGHTCURVE"),
    "events": ("EVENTS", "EVENTS"),
    "find": ("VISITS", "VISITS"),
    "search": ("VISITS", "VISITS"),
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
    table: Table, path: Path, name: str | None, *, extension: str, hdu_class: str
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

    Raises
    ------
    ProductError
        If there is no such format, or the file cannot be written; nothing is left then.
    """
    chosen = format_of(path, name)
    with being_written(path) as temporary:
        if chosen == "fits":
            hdus = _fits(table, extension, hdu_class)
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
        _plain(table, chosen).write(target, format=FORMATS[chosen][0], **options)


def write_registered(
    archive: ArchiveReader, table: Table, path: str | Path, name: str | None = None
) -> Path:
    """Write a table and enter the file into the archive's products."""
    path = Path(path).expanduser()
    kind = str(table.meta.get("KIND", "lightcurve"))
    extension, hdu_class = EXTENSIONS[kind]
    write_table(table, path, name, extension=extension, hdu_class=hdu_class)
    parameters = {
        key: value for key, value in table.meta.items() if key not in ("GTI", "LEGS", "POINTING")
    }
    register(archive.catalogue, [path], kind=kind, parameters=parameters)
    return path


def _plain(table: Table, chosen: str) -> Table:
    """Return a copy that the writers of a format take."""
    meta = {key: value for key, value in table.meta.items() if value is not None}
    columns = {name: table[name] for name in table.colnames}
    if chosen in ("csv", "votable", "parquet"):
        # Times as text, quantities as numbers with a unit, which CSV leaves out.
        columns = {name: _as_column(values) for name, values in columns.items()}
    if chosen == "csv":
        columns = {name: _with_gaps(values) for name, values in columns.items()}
    kind = QTable if chosen == "ecsv" else Table
    return kind(columns, meta={} if chosen in ("csv", "votable") else meta, copy=False)


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
        return np.asarray(values.isot)
    if isinstance(values, Column):
        return values
    if hasattr(values, "unit") and hasattr(values, "value"):
        return Column(np.asarray(values.value), unit=values.unit)
    return values


def _fits(table: Table, extension: str, hdu_class: str) -> fits.HDUList:
    """Return a table as FITS, with OGIP's keywords of time and an extension GTI."""
    columns = {n: _as_column(table[n]) for n in table.colnames if n != "time"}
    middle = [(columns[a] + columns[b]) / 2 for a, b in (("t0", "t1"),) if a in columns]
    time = columns.get("t", middle[0] if middle else None)
    times = {} if time is None else {"TIME": np.asarray(time, float)}
    data = Table(times | {name: values for name, values in columns.items() if name != "t"})
    if "TIME" in data.colnames:
        data["TIME"].unit = "s"
    hdu = fits.BinTableHDU(data, name=extension)
    for keyword, card in _cards(table, hdu_class).items():
        hdu.header[keyword] = card
    hdus = [fits.PrimaryHDU(), hdu]
    hdus[0].header.update(_by_keyword([TELESCOPE, *program_cards()]))
    if table.meta.get("GTI"):
        hdus.append(_good_times(table))
    return fits.HDUList(hdus)


def _cards(table: Table, hdu_class: str) -> dict[str, tuple[Any, str]]:
    cards: dict[str, tuple[Any, str]] = {
        "HDUCLASS": ("OGIP", "conforms to OGIP standards"),
        "HDUCLAS1": (hdu_class, "what the table is"),
        **_time_cards(table),
    }
    for key, (keyword, comment) in KEYWORDS.items():
        if table.meta.get(key) is not None:
            cards[keyword] = (table.meta[key], comment)
    if table.meta.get("ANNULUS"):
        inner, outer = table.meta["ANNULUS"]
        cards |= {"ANN_IN": (inner, "[arcsec] annulus"), "ANN_OUT": (outer, "[arcsec] annulus")}
    calibration = calibration_cards(table.meta.get("CALIBRATION", []))
    return cards | _by_keyword([*calibration, TELESCOPE, *program_cards()])


def _time_cards(table: Table) -> dict[str, tuple[Any, str]]:
    """Return OGIP's keywords of time: seconds since 1980-01-06, days of 86,400 s (UTC)."""
    cards: dict[str, tuple[Any, str]] = {
        "MJDREFI": (MJD_OF_GALEX_ZERO, "[d] 1980-01-06, zero of GALEX time"),
        "MJDREFF": (0.0, "[d]"),
        "TIMESYS": ("UTC", "days of 86400 s, no leap seconds"),
        "TIMEREF": ("LOCAL", "times are the spacecraft's"),
        "TIMEUNIT": ("s", "unit of times"),
        "TIMEZERO": (0.0, "[s]"),
        "TIMEPIXR": (0.5, "TIME is the middle of a bin"),
        "RADESYS": ("ICRS", "reference frame"),
    }
    edges = [_seconds(table[n]) for n in ("t0", "t1") if n in table.colnames]
    edges = edges or [_seconds(table["t"])] if "t" in table.colnames else edges
    known = [times for times in (each[np.isfinite(each)] for each in edges) if len(times)]
    if known:
        cards["TSTART"] = (float(known[0].min()), "[s] start, GALEX time")
        cards["TSTOP"] = (float(known[-1].max()), "[s] end, GALEX time")
    return cards


def _seconds(values: Any) -> np.ndarray:
    """Return a column of times, a quantity or plain, as numbers."""
    return np.asarray(values.to_value("s") if hasattr(values, "to_value") else values, float)


def _by_keyword(cards: list[Card]) -> dict[str, tuple[Any, str]]:
    return {keyword: (value, comment) for keyword, value, comment in cards}


def _good_times(table: Table) -> fits.BinTableHDU:
    times = np.array(table.meta["GTI"], float)
    gti = Table({"START": times[:, 0], "STOP": times[:, 1]})
    for name in gti.colnames:
        gti[name].unit = "s"
    hdu = fits.BinTableHDU(gti, name="GTI")
    hdu.header["HDUCLASS"] = ("OGIP", "conforms to OGIP standards")
    hdu.header["HDUCLAS1"] = ("GTI", "good time intervals")
    hdu.header["HDUCLAS2"] = ("STANDARD", "")
    for keyword, card in _time_cards(table).items():
        hdu.header[keyword] = card
    return hdu
