"""What values calibration files may hold.

Each range is some times what the mission's own files hold, so that it finds damage and wrong
units, not new calibrations.  Of walk and distortion the files could not be looked at; theirs are
what the detector allows.  See docs/specification.md, 'Calibration files'.
"""

from dataclasses import dataclass

NO_WALK = -999.0
"""A walk table says nothing there."""

FIELD_ARCSEC = 2250.0
"""Radius of the exposed part of the detector: 375 pixels of 6 arcsec."""

USUAL_WALK_GAPS = 0.1
"""Part of a walk table within the field that may be missing, and nothing is said."""


@dataclass(frozen=True)
class ValueRange:
    """What the values of a file may be.

    Parameters
    ----------
    low, high : float
        In the unit of the file; beyond them a value is an error.
    source : str
        What the range comes from.
    missing : float or None
        The value that says that there is none.
    """

    low: float
    high: float
    source: str
    missing: float | None = None


WIGGLE = ValueRange(-200, 200, "the mission's files hold -49 to 51")
WALK = ValueRange(-500, 500, "0.5 mm are 34 arcsec, some cells of the table", NO_WALK)
LINEARITY = ValueRange(-300, 300, "the mission's files hold -121 to 145")
CUBE = ValueRange(-100, 100, "100 pixels are 150 arcsec, as much as the linearity")
FLAT = ValueRange(0, 10, "the mission's files hold 0 to 1.98")
MASK = ValueRange(0, 1, "0 is a hotspot, 1 is none")
OFFSETS = ValueRange(-20, 20, "the mission's files hold -1.1 to 0.4")
Y_CORRECTION = ValueRange(-50, 50, "the mission's files hold -7.5 to 4.1")

LOWEST_INNER_FLAT = 0.01
"""Within 300 pixels of the centre; the mission's files have 0.059 (NUV) and 0.080 (FUV) there."""

INNER_PIXELS = 300.0

MOST_DEAD = 0.05
"""Part of a flat within `INNER_PIXELS` that may be 0; of the mission's files, 0.00001."""

MOST_HOTSPOTS = 0.25
"""Part of a mask within the field that may be hotspots; of the mission's files, 0.012."""

HEADER_RANGES = {
    "DC_X0": (-10_000, 10_000),
    "DC_Y0": (-10_000, 10_000),
    "DC_DX": (-500, 500),
    "DC_DY": (-500, 500),
    "DC_D0": (4_000, 6_000),
    "DC_DD": (-100, 100),
    "Y_AS_0": (-10_000, 10_000),
    "Y_AS_INC": (-1_000, 1_000),
}
"""Of keywords, arcsec: the detector is 5,000 across, and stims are 5,100 apart."""
