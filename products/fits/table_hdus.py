"""Light curves, event lists and lists of visits as FITS, as the readers of the field expect them.

``TIME`` counts SI seconds from an epoch in Terrestrial Time, so that the epoch and the seconds can
be added up: GALEX time, which leaves leap seconds out, cannot, and has columns of its own (``t``,
``t0``, ``t1``).
"""

import math
from typing import Any

import numpy as np
from astropy.io import fits
from astropy.table import Column, Table
from numpy.typing import NDArray

from gphoton_db.mission import MJD_OF_GALEX_ZERO
from gphoton_db.products.bins import bin_lengths
from gphoton_db.products.fits.provenance import (
    TELESCOPE,
    Card,
    calibration_cards,
    program_cards,
)
from gphoton_db.times import as_time, galex_us

KEYWORDS = {
    "RA": ("RA_OBJ", "[deg] position, right ascension (ICRS)"),
    "DEC": ("DEC_OBJ", "[deg] position, declination (ICRS)"),
    "RADIUS": ("APRADIUS", "[arcsec] radius of the aperture"),
    "METHOD": ("METHOD", "photon or image"),
    "SOURCES": ("NMASKED", "known sources that annuli may leave out"),
    "MASK": ("MASK", "detector cells that count as hotspots"),
    "MASKSHA": ("MASKSHA", "SHA-256 of that file, its first digits"),
    "HOTRATE": ("HOTRATE", "MaskOptions.hot_rate"),
    "HOTSPREA": ("HOTSPREA", "MaskOptions.hot_spread"),
    "COLDRATE": ("COLDRATE", "MaskOptions.cold_rate"),
    "COLDPART": ("COLDPART", "MaskOptions.cold_part"),
}
"""What a table's ``meta`` becomes in a FITS header."""

PICTURE_PIXEL_ARCSEC = 0.5
"""Unit of X and Y of event lists: a tenth of the resolution."""

Cards = dict[str, tuple[Any, str]]


def table_hdus(table: Table, extension: str, hdu_class: str) -> fits.HDUList:
    """Return a table as FITS, with OGIP's keywords of time and an extension GTI.

    Parameters
    ----------
    table : Table
        Its columns are plain ones, but for ``time``.
    extension, hdu_class : str
        EXTNAME and HDUCLAS1.
    """
    columns = {name: table[name] for name in table.colnames if name not in ("time", "t")}
    columns = _times(table) | _rates(table) | _picture(table) | columns
    length = _bin_lengths(table, hdu_class)
    if len(set(length.tolist())) > 1:
        columns["TIMEDEL"] = Column(length, unit="s")
    hdu = fits.BinTableHDU(Table(columns), name=extension)
    for keyword, card in _cards(table, hdu_class).items():
        hdu.header[keyword] = card
    if "X" in columns:
        for keyword, value in _picture_cards(table, hdu.columns.names).items():
            hdu.header[keyword] = value
    hdus = [fits.PrimaryHDU(), hdu]
    hdus[0].header.update(_by_keyword([TELESCOPE, *program_cards()]))
    if table.meta.get("GTI"):
        hdus.append(_good_times(table))
    return fits.HDUList(hdus)


def seconds_since_epoch(galex_s: Any) -> NDArray[np.float64]:
    """Return GALEX times as SI seconds since 1980-01-06, 0 h, of Terrestrial Time.

    Parameters
    ----------
    galex_s : float64, any shape
        GALEX times, s; NaN stays NaN.
    """
    from astropy.time import Time

    galex_s = np.asarray(galex_s, np.float64)
    known = np.isfinite(galex_s)
    epoch = Time(MJD_OF_GALEX_ZERO, format="mjd", scale="tt")
    seconds = np.full(galex_s.shape, np.nan)
    time = as_time(np.rint(galex_s[known] * 1e6).astype(np.int64))
    seconds[known] = (time.tt - epoch).to_value("s")
    return seconds


def _times(table: Table) -> dict[str, Column]:
    """Return the columns TIME and t: of a bin or a visit, its middle."""
    if "time" in table.colnames:
        galex_s = galex_us(table["time"]) / 1e6
    elif "t0" in table.colnames:
        galex_s = (_numbers(table["t0"]) + _numbers(table["t1"])) / 2
    else:
        return {}
    return {
        "TIME": Column(seconds_since_epoch(galex_s), unit="s"),
        "t": Column(galex_s, unit="s"),
    }


def _rates(table: Table) -> dict[str, Column]:
    """Return the columns of a light curve as OGIP names them."""
    names = {"RATE": "cps", "ERROR": "cps_err"}
    return {
        theirs: Column(_numbers(table[ours]), unit=table[ours].unit)
        for theirs, ours in names.items()
        if ours in table.colnames
    }


def _picture(table: Table) -> dict[str, Column]:
    """Return the columns X and Y of an event list: pixels about its position."""
    if table.meta.get("KIND") != "events":
        return {}
    if not len(table):
        return {name: Column(np.empty(0), unit="pixel") for name in ("X", "Y")}
    from astropy.wcs import WCS

    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [table.meta["RA"], table.meta["DEC"]]
    wcs.wcs.crpix = [_middle_pixel(table)] * 2
    wcs.wcs.cdelt = [-PICTURE_PIXEL_ARCSEC / 3600, PICTURE_PIXEL_ARCSEC / 3600]
    x, y = wcs.wcs_world2pix(_numbers(table["ra"]), _numbers(table["dec"]), 1)
    return {"X": Column(x, unit="pixel"), "Y": Column(y, unit="pixel")}


def _picture_cards(table: Table, names: list[str]) -> dict[str, Any]:
    """Return what says of X and Y that they are coordinates of the sky, and how far they go."""
    middle = _middle_pixel(table)
    cards: dict[str, Any] = {}
    for axis, kind, value, sign in (
        ("X", "RA---TAN", table.meta["RA"], -1),
        ("Y", "DEC--TAN", table.meta["DEC"], 1),
    ):
        number = names.index(axis) + 1
        cards |= {
            f"TCTYP{number}": kind,
            f"TCUNI{number}": "deg",
            f"TCRVL{number}": float(value),
            f"TCRPX{number}": float(middle),
            f"TCDLT{number}": sign * PICTURE_PIXEL_ARCSEC / 3600,
            f"TLMIN{number}": 0.5,
            f"TLMAX{number}": 2 * middle - 0.5,
        }
    return cards


def _middle_pixel(table: Table) -> int:
    """Return the pixel, from 1, of the position, in a picture that holds all of the circle."""
    reach = math.degrees(math.tan(math.radians(table.meta["RADIUS"] / 3600))) * 3600
    return math.ceil(reach / PICTURE_PIXEL_ARCSEC) + 1


def _cards(table: Table, hdu_class: str) -> Cards:
    cards: Cards = {
        "HDUCLASS": ("OGIP", "conforms to OGIP standards"),
        "HDUCLAS1": (hdu_class, "what the table is"),
        **_time_cards(table),
    }
    if "cps" in table.colnames:
        cards["HDUCLAS2"] = ("TOTAL", "RATE is with the background")
        cards["HDUCLAS3"] = ("RATE", "counts a second")
    for key, (keyword, comment) in KEYWORDS.items():
        if table.meta.get(key) is not None:
            cards[keyword] = (table.meta[key], comment)
    length = _bin_lengths(table, hdu_class)
    if len(set(length.tolist())) == 1:
        cards["TIMEDEL"] = (float(length[0]), "[s] length of a bin")
    if table.meta.get("ANNULUS"):
        inner, outer = table.meta["ANNULUS"]
        cards |= {"ANN_IN": (inner, "[arcsec] annulus"), "ANN_OUT": (outer, "[arcsec] annulus")}
    calibration = calibration_cards(table.meta.get("CALIBRATION", []))
    return cards | _by_keyword([*calibration, TELESCOPE, *program_cards()])


def _time_cards(table: Table) -> Cards:
    """Return OGIP's keywords of time; the epoch in both forms that readers look for."""
    cards: Cards = {
        "MJDREF": (float(MJD_OF_GALEX_ZERO), "[d] 1980-01-06, TT"),
        "MJDREFI": (MJD_OF_GALEX_ZERO, "[d] the same, whole days"),
        "MJDREFF": (0.0, "[d] and their fraction"),
        "TIMESYS": ("TT", "of TIME; t, t0 and t1 are GALEX time"),
        "TIMEREF": ("LOCAL", "times are the spacecraft's"),
        "TIMEUNIT": ("s", "unit of times"),
        "TIMEZERO": (0.0, "[s]"),
        "TIMEPIXR": (0.5, "TIME is the middle of a bin"),
        "RADESYS": ("ICRS", "reference frame"),
    }
    edges = [_numbers(table[n]) for n in ("t0", "t1") if n in table.colnames]
    edges = edges or [_numbers(table["t"])] if "t" in table.colnames else edges
    known = [times for times in (each[np.isfinite(each)] for each in edges) if len(times)]
    if known:
        start, stop = seconds_since_epoch([known[0].min(), known[-1].max()])
        cards["TSTART"] = (float(start), "[s] start")
        cards["TSTOP"] = (float(stop), "[s] end")
    return cards


def _bin_lengths(table: Table, hdu_class: str) -> NDArray[np.float64]:
    """Return the lengths of the bins of a light curve, s: OGIP's TIMEDEL, keyword or column."""
    if hdu_class != "LIGHTCURVE":
        return np.empty(0)
    return bin_lengths(_numbers(table["t0"]), _numbers(table["t1"]))


def _numbers(values: Any) -> NDArray[np.float64]:
    """Return a column, a quantity or plain, as numbers; NaN where it is masked."""
    plain = np.ma.asarray(getattr(values, "value", values))
    return np.ma.filled(plain.astype(np.float64), np.nan)


def _by_keyword(cards: list[Card]) -> Cards:
    return {keyword: (value, comment) for keyword, value, comment in cards}


def _good_times(table: Table) -> fits.BinTableHDU:
    begin, end = np.array(table.meta["GTI"], float).T
    gti = Table(
        {
            "START": seconds_since_epoch(begin),
            "STOP": seconds_since_epoch(end),
            "t0": begin,
            "t1": end,
        }
    )
    for name in gti.colnames:
        gti[name].unit = "s"
    hdu = fits.BinTableHDU(gti, name="GTI")
    hdu.header["HDUCLASS"] = ("OGIP", "conforms to OGIP standards")
    hdu.header["HDUCLAS1"] = ("GTI", "good time intervals")
    hdu.header["HDUCLAS2"] = ("STANDARD", "")
    for keyword, card in _time_cards(table).items():
        hdu.header[keyword] = card
    return hdu
