"""Headers of product files: keywords as the field's programs write and read them."""

from dataclasses import dataclass

from astropy.io import fits
from astropy.table import Table

from gphoton_db.catalogue.records import LegRecord
from gphoton_db.mission import Band
from gphoton_db.products.fits.provenance import TELESCOPE, Card, leg_cards
from gphoton_db.products.geometry import NORTH_UP_LONPOLE, ImageGeometry, header_number
from gphoton_db.products.kernels.placing import Edges
from gphoton_db.times import mjd, utc

FRAMES_WITH_CARDS = 1000
"""Keywords have eight characters, so EXPT_i has room for frames 0 to 999.  Of movies with more
frames than that the header names none; their table FRAMES has all."""


@dataclass(frozen=True)
class PhotonCounts:
    """Photons on the detector: all; those of them without a weight."""

    on_detector: int
    no_weight: int


def leg_header(leg: LegRecord, exposures: Table, counts: PhotonCounts, edges: Edges) -> fits.Header:
    """Return what the header of a leg's image or movie says, but for its coordinates.

    Parameters
    ----------
    leg : LegRecord
        The leg.
    exposures : astropy.table.Table
        A row for each frame; an image has one.
    counts : PhotonCounts
        Photons in all frames.
    edges : Edges
        Thresholds of the edge bits of FLAG.
    """
    header = fits.Header()
    header.extend(_identity(leg), strip=False)
    header.extend(_times(exposures), strip=False)
    header["PHOTCNT"] = (counts.on_detector, "photons on the detector")
    header["NOWEIGHT"] = (counts.no_weight, "of them on dead pixels: not in COUNT")
    header["N_FRAME"] = (len(exposures), "number of frames")
    header["SOFTEDGE"] = (edges.wide, "[pixel] detector radius of FLAG bit 4")
    header["HARDEDGE"] = (edges.narrow, "[pixel] detector radius of FLAG bit 8")
    header.extend(leg_cards(leg), strip=False)
    header.extend(_frames(exposures), strip=False)
    return header


def geometry_cards(geometry: ImageGeometry) -> list[Card]:
    """Return the world coordinate system as cards of a header."""
    return [
        ("WCSAXES", 2, "axes of the coordinate system"),
        ("CTYPE1", "RA---TAN", "gnomonic projection"),
        ("CTYPE2", "DEC--TAN", "gnomonic projection"),
        ("CUNIT1", "deg", ""),
        ("CUNIT2", "deg", ""),
        ("CRVAL1", geometry.crval[0], "[deg] right ascension of the reference"),
        ("CRVAL2", geometry.crval[1], "[deg] declination of the reference"),
        ("CRPIX1", geometry.crpix[0], "reference pixel"),
        ("CRPIX2", geometry.crpix[1], "reference pixel"),
        ("CDELT1", geometry.cdelt[0], "[deg] pixel size"),
        ("CDELT2", geometry.cdelt[1], "[deg] pixel size"),
        ("LONPOLE", NORTH_UP_LONPOLE, "[deg] north is up"),
        ("RADESYS", "ICRS", "reference frame"),
    ]


def _identity(leg: LegRecord) -> list[Card]:
    return [
        TELESCOPE,
        ("ECLIPSE", leg.eclipse, "eclipse number"),
        ("LEG", leg.leg, "leg of the eclipse, from 0"),
        ("BANDNAME", leg.band, "NUV or FUV"),
        ("BAND", Band(leg.band).header_code, "1 = NUV, 2 = FUV"),
    ]


def _times(exposures: Table) -> list[Card]:
    start_ms, stop_ms = (round(float(t) * 1000) for t in (exposures["t0"][0], exposures["t1"][-1]))
    begin, end = (utc(t_ms).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] for t_ms in (start_ms, stop_ms))
    return [
        ("TIMESYS", "UTC", "time scale"),
        ("TIMEUNIT", "s", "unit of times"),
        ("DATE-BEG", begin, "start"),
        ("DATE-END", end, "end"),
        ("MJD-BEG", header_number(mjd(start_ms)), "[d] start"),
        ("MJD-END", header_number(mjd(stop_ms)), "[d] end"),
        ("T0", start_ms / 1000, "[s] start, GALEX time (since 1980-01-06)"),
        ("T1", stop_ms / 1000, "[s] end, GALEX time"),
        ("TELAPSE", (stop_ms - start_ms) / 1000, "[s] T1 - T0"),
        (
            "XPOSURE",
            header_number(exposures["exposure"].sum()),
            "[s] exposure, dead time corrected",
        ),
    ]


def _frames(exposures: Table) -> list[Card]:
    cards: list[Card] = []
    for row in exposures if len(exposures) <= FRAMES_WITH_CARDS else ():
        number = int(row["frame"])
        cards += [
            (f"T0_{number}", float(row["t0"]), "[s] start of the frame"),
            (f"T1_{number}", float(row["t1"]), "[s] end of the frame"),
            (f"EXPT_{number}", header_number(row["exposure"]), "[s] its exposure"),
        ]
    return cards
