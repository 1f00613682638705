"""How the telescope is used: pointings of a visit, and its electronics."""

from dataclasses import dataclass

from gphoton_db.mission import Band, stim_positions


@dataclass(frozen=True)
class LegPlan:
    """One nominal pointing.

    Parameters
    ----------
    ra0, dec0, roll0 : float
        Boresight, deg.
    duration : int
        Seconds from the first to the last aspect row.
    slew : int
        Seconds from the last aspect row to the first of the next leg.
    odd_rows : tuple of int
        How many aspect rows at the start and at the end carry an odd flag.
    dark : tuple of (float, float)
        Intervals, in seconds from the leg's start, in which nothing but stims arrives.
    """

    ra0: float
    dec0: float
    roll0: float = 112.7
    duration: int = 60
    slew: int = 40
    odd_rows: tuple[int, int] = (3, 2)
    dark: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True)
class Electronics:
    """The stims, and what they say of the detector's electronics.

    Parameters
    ----------
    stim_rate : float
        Events a second of each of the four stims.  A reduction needs 2,001 in all before CSP:
        27 s of a visit at the default.
    separation : float, optional
        Stim separation at the start of the visit, arcsec; the mission's mean by default.
        After CSP it chooses the distortion cube.
    drift : float
        Its change, arcsec a second.
    shift : tuple of float
        Displacement of all four stims from their mission means, arcsec.
    spread : float
        Standard deviation of a stim along each axis, arcsec.
    phase_slope : float
        After CSP: change of a stim's y with the phase ya, arcsec a step.
    """

    stim_rate: float = 19.0
    separation: float | None = None
    drift: float = 0.0
    shift: tuple[float, float] = (0.0, 0.0)
    spread: float = 1.5
    phase_slope: float = 0.12

    def separation_at(self, band: Band, eclipse: int) -> float:
        """Return the stim separation at the start of a visit, arcsec."""
        return mean_separation(band, eclipse) if self.separation is None else self.separation


def mean_separation(band: Band, eclipse: int) -> float:
    """Return the separation of the stims' mission means, arcsec."""
    stims = stim_positions(band, eclipse)
    (x1, x2, x3, x4), (y1, y2, y3, y4) = stims.x, stims.y
    return (x2 + x4 - x1 - x3 + y1 + y2 - y3 - y4) / 4


def eclipse_start_ms(eclipse: int) -> int:
    """Return a plausible first aspect time for an eclipse, GALEX ms.

    That of eclipse 23500, at 98.6 minutes an orbit.
    """
    return 874361240995 + (eclipse - 23500) * 5_917_000
