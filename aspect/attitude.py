"""Whether an attitude can be where a leg looked: what is impossible, and what is odd.

Limits are wide: they find files that are damaged or of another leg, and judge no observation.
See docs/specification.md, 'Legs from the aspect' (spec-legs), for how steady a leg is.
"""

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.legs import good_fixes
from gphoton_db.aspect.pointing import Aspect, FloatArray, Leg
from gphoton_db.aspect.sphere import mean_angle, separation
from gphoton_db.errors import PointingError
from gphoton_db.mission import Epoch, epoch_of

FARTHEST_DEG = 0.25
"""From the boresight to the middle of the pointing; a leg stays within 0.1 deg (spec-legs)."""

FASTEST_DEG_PER_S = 0.5
"""Between neighbouring rows: more than the spacecraft can turn; a slew takes tens of seconds."""

LARGEST_SPIKE_ARCSEC = 10.0
"""From a row to the middle of its neighbours: a dither has below 1, the start of a slew more."""

LARGEST_ROLL_DEG = 1.0
"""From the roll of the boresight to the roll of the aspect."""

LARGEST_COARSE_DEG = 0.25
"""From refined to coarse attitude of the same second."""

_SAME_SECOND_MS = 500


def check_attitude(leg: Leg, eclipse: int) -> list[str]:
    """Check where the good fixes of a leg point, against its boresight and each other.

    Parameters
    ----------
    leg : Leg
        With good fixes.
    eclipse : int
        Its eclipse; those of the drift scans may move away from their boresight.

    Returns
    -------
    list of str
        What is odd, and may be right.

    Raises
    ------
    PointingError
        If the pointing is not about the boresight, or jumps.
    """
    where = f"eclipse {eclipse} leg {leg.number}"
    aspect, boresight = leg.aspect, leg.boresight
    good = good_fixes(aspect)
    if (good & (aspect.ra == 0) & (aspect.dec == 0)).sum() * 2 > good.sum():
        raise PointingError(
            f"{where}: ra and dec of its aspect are 0 in most rows, so the attitude is missing; "
            "fetch the pointing again (gphoton-db pointing fetch)"
        )
    away = separation(aspect.ra, aspect.dec, boresight.ra0, boresight.dec0)
    odd = []
    if (middle := float(np.median(away[good]))) > FARTHEST_DEG:
        message = (
            f"{where}: its aspect points {middle:.3g} deg away from the leg's boresight (ra "
            f"{boresight.ra0:.4f}, dec {boresight.dec0:.4f})"
        )
        if epoch_of(eclipse) is not Epoch.CAUSE:
            raise PointingError(
                f"{message}; more than {FARTHEST_DEG} deg is no dither: one of the two is "
                "damaged or of another leg; fetch the pointing again (gphoton-db pointing fetch)"
            )
        odd.append(message)
    elif far := int((good & (away > FARTHEST_DEG)).sum()):
        odd.append(f"{where}: {far} s of good aspect are over {FARTHEST_DEG} deg off the boresight")
    return odd + _moves(aspect, good, where) + _rolls(leg, good, where)


def compare_with_coarse(legs: tuple[Leg, ...], coarse: Aspect, eclipse: int) -> None:
    """Check that refined attitude is where the spacecraft itself says that it looked.

    Parameters
    ----------
    legs : tuple of Leg
        With refined aspect.
    coarse : Aspect
        Of the spacecraft state; rows with odd flags, and seconds that it lacks, do not count.
    eclipse : int
        For messages.

    Raises
    ------
    PointingError
        If the two are not of one pointing.
    """
    usable = coarse.flags % 2 == 0
    time_ms, ra, dec = coarse.time_ms[usable], coarse.ra[usable], coarse.dec[usable]
    if not len(time_ms):
        return
    for leg in legs:
        good = good_fixes(leg.aspect)
        t_ms = leg.aspect.time_ms[good]
        before = np.clip(np.searchsorted(time_ms, t_ms, side="right") - 1, 0, len(time_ms) - 1)
        after = np.minimum(before + 1, len(time_ms) - 1)
        nearer = np.abs(time_ms[after] - t_ms) < np.abs(time_ms[before] - t_ms)
        row = np.where(nearer, after, before)
        both = np.abs(time_ms[row] - t_ms) <= _SAME_SECOND_MS
        if not both.any():
            continue
        away = separation(leg.aspect.ra[good], leg.aspect.dec[good], ra[row], dec[row])[both]
        if (middle := float(np.median(away))) > LARGEST_COARSE_DEG:
            raise PointingError(
                f"eclipse {eclipse} leg {leg.number}: its refined aspect is {middle:.3g} deg away "
                "from the coarse attitude of the same seconds (scst): one of them is damaged or "
                "of another visit; fetch the pointing again (gphoton-db pointing fetch)"
            )


def missing_legs(numbers: list[int], planned: int | None, eclipse: int) -> list[str]:
    """Say which legs must or may have been observed, and have no pointing.

    Parameters
    ----------
    numbers : list of int
        The legs that there are, from 0.
    planned : int or None
        How many were planned; None: not known.
    eclipse : int
        For messages.

    Returns
    -------
    list of str
        What is missing; empty where nothing is.
    """
    said = []
    gaps = sorted(set(range(max(numbers))) - set(numbers))
    if gaps:
        names = ", ".join(map(str, gaps[:10])) + (", ..." if len(gaps) > 10 else "")
        said.append(
            f"eclipse {eclipse}: no pointing of leg {names}, though leg {max(numbers)} is there: "
            "its photons are left out"
        )
    if planned is not None and planned > max(numbers) + 1:
        said.append(
            f"eclipse {eclipse}: {planned} legs were planned, and there is pointing of "
            f"{len(numbers)}: the photons of others are left out"
        )
    return said


def _moves(aspect: Aspect, good: NDArray[np.bool_], where: str) -> list[str]:
    """Return what is odd about how neighbouring good rows differ."""
    # A good fix has its neighbours exactly 1 s away.
    steps = separation(aspect.ra[1:], aspect.dec[1:], aspect.ra[:-1], aspect.dec[:-1])
    used = good[1:] | good[:-1]
    if (used & (steps > FASTEST_DEG_PER_S)).any():
        row = int(np.flatnonzero(used & (steps > FASTEST_DEG_PER_S))[0])
        raise PointingError(
            f"{where}: its aspect jumps by {steps[row]:.3g} deg in 1 s at "
            f"t = {aspect.time_ms[row + 1] / 1000:.3f}, more than the spacecraft can turn "
            f"({FASTEST_DEG_PER_S} deg/s): a row is damaged; fetch the pointing again, or give "
            "the row an odd flag"
        )
    spikes = np.zeros(len(aspect), np.bool_)
    spikes[1:-1] = _bend_arcsec(aspect) > LARGEST_SPIKE_ARCSEC
    if not (n := int((good & spikes).sum())):
        return []
    first = int(np.flatnonzero(good & spikes)[0])
    return [
        f"{where}: {n} rows of its aspect, the first at t = {aspect.time_ms[first] / 1000:.3f}, "
        f"are over {LARGEST_SPIKE_ARCSEC:g} arcsec off the middle of their neighbours"
    ]


def _bend_arcsec(aspect: Aspect) -> FloatArray:
    """Return how far each row but the ends is from the middle of its neighbours, arcsec."""
    ra, dec = np.radians(aspect.ra), np.radians(aspect.dec)
    across = np.cos(dec)
    points = np.stack([across * np.cos(ra), across * np.sin(ra), np.sin(dec)], axis=1)
    bend = points[1:-1] - (points[:-2] + points[2:]) / 2
    return np.asarray(np.degrees(np.linalg.norm(bend, axis=1)) * 3600.0)


def _rolls(leg: Leg, good: NDArray[np.bool_], where: str) -> list[str]:
    """Return what is odd about the roll."""
    roll = leg.aspect.roll
    steps = np.abs(_turned(np.diff(roll)))
    odd = []
    if n := int(((good[1:] | good[:-1]) & (steps > LARGEST_ROLL_DEG)).sum()):
        odd.append(f"{where}: the roll of its aspect jumps by over {LARGEST_ROLL_DEG:g} deg {n} x")
    off = float(np.median(np.abs(_turned(roll[good] - leg.boresight.roll0))))
    if off > LARGEST_ROLL_DEG:
        odd.append(
            f"{where}: the roll of its aspect (about {mean_angle(roll[good][:1]):.1f} deg) is "
            f"{off:.3g} deg off that of its boresight"
        )
    return odd


def _turned(angle: FloatArray) -> FloatArray:
    """Return angles, deg, as -180 to 180."""
    return np.asarray(np.mod(angle + 180.0, 360.0) - 180.0)
