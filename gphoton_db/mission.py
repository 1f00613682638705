"""Facts of the GALEX mission: bands, epochs, flags, detector and stim constants.

All values are those of the mission's own processing chain.  Lengths on the detector are in
microns where the name says so and in arcseconds otherwise; times are in seconds (or, where a
name ends in ``_ms``, integer milliseconds) since the GPS epoch 1980-01-06T00:00:00Z.
"""

from collections.abc import Iterable
from enum import Enum, IntEnum, StrEnum
from typing import NamedTuple

from gphoton_db.errors import GPhotonError, UnsupportedEclipseError

ARCSEC_PER_MICRON = 0.068754932
"""Plate scale of both detectors (the mission's ASPUM)."""

DETECTOR_PIXEL_DEG = 1 / 600
"""Side of a detector pixel: 6 arcsec."""

DETECTOR_RADIUS_DEG = 0.625
"""Radius of the exposed field: 375 detector pixels."""

DETECTOR_CORNER_DEG = 0.943
"""No photon with a position lies further than this from the pointing: the corner of the square of
800 detector pixels, of 1/600 deg each, on which photons are accepted."""

DETECTOR_PIXELS = 800
"""Side of the detector's flat and mask images, pixels."""

DETECTOR_CENTRE = 400.0
"""Column and row of the detector's centre, pixels."""

ON_DETECTOR_PIXELS = 400.0
"""A photon closer to the centre than this, pixels, is on the detector."""

WIDE_EDGE_PIXELS = 350.0
NARROW_EDGE_PIXELS = 370.0
"""Distances from the detector's centre, pixels, beyond which a photon is of the edge."""

GALEX_TO_UNIX_S = 315964800
"""GALEX time plus this is Unix time (both without leap seconds since 1980)."""

MJD_OF_UNIX_EPOCH = 40587
"""Modified Julian date of Unix time 0."""

MJD_OF_GALEX_ZERO = MJD_OF_UNIX_EPOCH + GALEX_TO_UNIX_S // 86_400
"""1980-01-06, as modified Julian date (UTC).  GALEX time counts no leap seconds, like Unix time,
so that a day has 86,400 s of it: see `gphoton_db.times`."""

LEAP_SECOND_DAYS = (
    *(44785, 45150, 45515, 46246, 47160, 47891, 48256, 48803, 49168, 49533, 50082, 50629, 51178),
    *(53735, 54831, 56108, 57203, 57753),
)
"""Days since 1980 that end with a leap second (IERS), MJD; 53735, 54831 and 56108 (2005-12-31,
2008-12-31 and 2012-06-30) are of the mission."""

SHUTTER_GAP_MS = 50
"""A pause between unflagged photons of at least this long, ms, counts as a closed shutter."""

CELL_ORDER = 13
"""Order of the HEALPix cells (nested) that photons are sorted by, 25.8 arcsec wide."""

ECLIPSES_PER_BLOCK = 256
"""Eclipses whose legs the catalogue and its index keep together: a commit writes a block anew."""

LAST_PRE_CSP_ECLIPSE = 37423
"""Last eclipse before the 'Course Sun Point' anomaly of 4 May 2010."""

FIRST_RECOVERED_ECLIPSE = 38150
"""First eclipse after CSP with usable electronics (and a new NUV y clock)."""

LAST_SUPPORTED_ECLIPSE = 47000
"""Later eclipses ('CAUSE', drift scans) are not processed by default."""


class Band(StrEnum):
    """A GALEX detector."""

    NUV = "NUV"
    FUV = "FUV"

    @property
    def letter(self) -> str:
        """The band's letter in file names: ``n`` or ``f``."""
        return self.value[0].lower()

    @property
    def header_code(self) -> int:
        """Value of the keyword ``BAND`` in a raw6 header."""
        return 1 if self is Band.NUV else 2

    @classmethod
    def parse(cls, text: "str | Band") -> "Band":
        """Return the band that `text` names, in either case.

        Raises
        ------
        GPhotonError
            If it names neither NUV nor FUV.
        """
        try:
            return cls(str(text).strip().upper())
        except ValueError:
            raise GPhotonError(f"unknown band {str(text)!r}: it is NUV or FUV") from None


Bands = str | Band | Iterable[str | Band] | None
"""Bands as a user names them: one, several, or None for both."""


def parse_bands(bands: Bands) -> tuple[Band, ...]:
    """Return the bands that a user named (see `Band.parse`), each once; None, or nothing: both."""
    wanted = [bands] if isinstance(bands, str) else list(bands or ())
    return tuple(dict.fromkeys(Band.parse(band) for band in wanted)) or tuple(Band)


class Flag(IntEnum):
    """Why a photon has no trusted sky position; 0 is a good photon.

    The number is that of the last processing step that failed (a later step overwrites).
    """

    GOOD = 0
    OFF_DETECTOR = 6
    NO_POINTING = 7
    WIGGLE = 8
    WALK = 9
    LINEARITY = 10
    DISTORTION = 11
    BAD_POINTING = 12
    GHOST = 120


class Epoch(Enum):
    """Stretches of the mission that are reduced in different ways."""

    PRE_CSP = "before the Course Sun Point anomaly"
    BAD_ELECTRONICS = "between the Course Sun Point anomaly and its repair"
    POST_CSP = "after the Course Sun Point anomaly"
    CAUSE = "the privately funded drift-scan phase"

    @property
    def after_csp(self) -> bool:
        """Whether the post-CSP corrections apply."""
        return self is not Epoch.PRE_CSP


def epoch_of(eclipse: int) -> Epoch:
    """Return the epoch of an eclipse number."""
    if eclipse <= LAST_PRE_CSP_ECLIPSE:
        return Epoch.PRE_CSP
    if eclipse < FIRST_RECOVERED_ECLIPSE:
        return Epoch.BAD_ELECTRONICS
    return Epoch.POST_CSP if eclipse <= LAST_SUPPORTED_ECLIPSE else Epoch.CAUSE


def check_eclipse(eclipse: int, *, override_limits: bool = False) -> Epoch:
    """Return the epoch of `eclipse`, refusing the ones that are not processed by default.

    Raises
    ------
    UnsupportedEclipseError
        If `eclipse` is not positive, or lies in 37424-38149 (bad electronics) or beyond 47000
        (CAUSE) and `override_limits` is not set.
    """
    if eclipse < 1:
        raise UnsupportedEclipseError(f"eclipse numbers start at 1, not {eclipse}")
    epoch = epoch_of(eclipse)
    if epoch in (Epoch.BAD_ELECTRONICS, Epoch.CAUSE) and not override_limits:
        raise UnsupportedEclipseError(
            f"eclipse {eclipse} lies in {epoch.value}, whose calibration is not known to hold; "
            "--override-limits (override_limits=True) reduces it all the same"
        )
    return epoch


class CentreScale(NamedTuple):
    """Clock units to microns on the detector: docs/specification.md, spec-clocks."""

    xclk: float
    yclk: float
    xcen: float
    ycen: float
    xscl: float
    yscl: float
    xslp: float
    yslp: float


def centre_scale(band: Band, eclipse: int) -> CentreScale:
    """Return the centre-and-scale constants of a band at an eclipse."""
    if band is Band.FUV:
        return CentreScale(1997.0, 1993.0, 7200.0, 6670.0, 7.78, 10.73, 0.0, 0.0)
    yclk = 1992.0 if eclipse < FIRST_RECOVERED_ECLIPSE else 2016.0
    return CentreScale(2007.0, yclk, 7400.0, 6070.0, 8.79, 14.01, 0.53, 0.0)


class StimPositions(NamedTuple):
    """Mean positions of the four stims, arcsec, and the half-width of their boxes."""

    x: tuple[float, float, float, float]
    y: tuple[float, float, float, float]
    margin: float


_STIMS_FUV = ((-2541.88, 2632.06, -2541.53, 2631.68), (2455.28, 2455.02, -2550.89, -2550.92))
_STIMS_NUV = (
    (-2722.27, 2468.84, -2721.87, 2469.85),
    (2453.89, 2453.78, -2565.81, -2567.83),
)
_STIMS_NUV_RECOVERED = (
    (-2722.53, 2470.29, -2721.98, 2471.09),
    (2549.96, 2550.10, -2538.57, -2538.62),
)


def stim_positions(band: Band, eclipse: int) -> StimPositions:
    """Return where the stims of a band are expected at an eclipse (see spec-stims)."""
    if band is Band.FUV:
        x, y = _STIMS_FUV
    elif eclipse < FIRST_RECOVERED_ECLIPSE:
        x, y = _STIMS_NUV
    else:
        x, y = _STIMS_NUV_RECOVERED
    return StimPositions(x, y, 20.0 if eclipse <= LAST_PRE_CSP_ECLIPSE else 90.001)


POST_CSP_SEPARATION = (5105.48, 0.0)
"""Stim separation line (arcsec, arcsec/s) that the mission fixes after CSP."""


class ResponseScale(NamedTuple):
    """Sensitivity against GALEX time t (s): ``k0 + k1 t + k2 t^2``, stepped up once."""

    k0: float
    k1: float
    k2: float
    step_time: float
    step_factor: float


RESPONSE_SCALE = {
    Band.NUV: ResponseScale(1.9946352, -1.9679445e-9, 9.3025231e-19, 881881215.995, 1.018),
    Band.FUV: ResponseScale(1.2420282, -2.8843099e-10, 0.0, 881881215.995, 1.018),
}


class DeadTimeModel(NamedTuple):
    """How many photons the electronics lose: as large a part as of their own stims.

    Of ``intercept`` stims a second, ``slope * rate + intercept`` are counted; ``rate`` is that of
    unflagged photons, 1/s, while the shutter is open.
    """

    slope: float
    intercept: float

    def live_seconds(self, open_s: float, photons: float) -> float:
        """Return the exposure of an interval: `open_s` > 0 with the shutter open, and photons."""
        stim_rate = self.slope * (photons / open_s) + self.intercept
        return open_s * stim_rate / self.intercept

    @property
    def seconds_per_photon(self) -> float:
        """What each photon adds to `live_seconds`, which is linear in them; below 0, s."""
        return self.slope / self.intercept


DEAD_TIME = {
    Band.NUV: DeadTimeModel(-0.000434730599193, 77.217817988),
    Band.FUV: DeadTimeModel(-0.000408075976406, 76.3000943221),
}


MAGNITUDE_ZERO_POINT = {Band.NUV: 20.08, Band.FUV: 18.82}
"""AB magnitude of 1 photon a second (Morrissey et al. 2007)."""

FLUX_OF_ONE_COUNT = {Band.NUV: 2.06e-16, Band.FUV: 1.4e-15}
"""Flux density of 1 photon a second, erg/s/cm2/A (Morrissey et al. 2007)."""

NONLINEAR_RATE = {Band.NUV: 311.0, Band.FUV: 109.0}
"""Counts a second of a point source at which the detector loses 10 % (Morrissey et al. 2007)."""

LOW_RESPONSE = 0.7
"""A light curve has a flag where a photon has a lower one, a warning where the mean is lower."""

OFF_AXIS_DEG = 0.5
"""The same where a photon, or the mean, is further from the detector's centre."""

LOW_PULSE_HEIGHT = 8.0
"""A quarter of the range of q.  Ours: below it, corrections tabulated by q rest on few photons."""

CORRECTION_RADII = (1.5, 2.3, 3.8, 6.0, 9.0, 12.8, 17.3, 30.0, 60.0, 90.0)
"""Radii of apertures, arcsec, at which `APERTURE_CORRECTION` is known."""

APERTURE_CORRECTION = {
    Band.NUV: (2.09, 1.33, 0.59, 0.23, 0.13, 0.09, 0.07, 0.04, 0.00, -0.01),
    Band.FUV: (1.65, 0.96, 0.36, 0.15, 0.10, 0.09, 0.07, 0.06, 0.03, 0.01),
}
"""What an aperture misses of a point source, mag (Morrissey et al. 2007)."""
