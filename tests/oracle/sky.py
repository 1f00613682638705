"""Detector-sky coordinates and pointing to right ascension and declination (spec-sky)."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from astropy.io import fits

from gphoton_db.aspect.pointing import Aspect, Boresight, Leg
from tests.oracle.arrays import Floats, Integers
from tests.oracle.detector import DetectorSky

TENTHS_PER_RADIAN = 180 / np.pi * 36000
NULL_POSITION_FLAGS = (2, 5, 7, 8, 9, 10, 11, 12)


def read_asprta(paths: Sequence[Path]) -> tuple[Leg, ...]:
    """Read refined aspect files, one leg each, in the order of their header's LEG."""
    legs = []
    for path in paths:
        with fits.open(path, memmap=False) as hdus:
            header, table = hdus[0].header, hdus[1].data
            aspect = Aspect(
                np.rint(table["t"] * 1000).astype(np.int64),
                np.asarray(table["ra"], np.float64),
                np.asarray(table["dec"], np.float64),
                np.asarray(table["roll"], np.float64),
                table["status_flag"].astype(np.int64),
            )
        boresight = Boresight(header["RA_CENT"], header["DEC_CENT"], header["ROLL"])
        legs.append(Leg(header["LEG"], boresight, aspect))
    return tuple(sorted(legs, key=lambda leg: leg.number))


def forward(ra: Floats, dec: Floats, boresight: Boresight, roll: Floats) -> tuple[Floats, Floats]:
    """Project gnomonically about the boresight, turn by -roll; 0.1 arcsec."""
    h, d = np.radians(boresight.ra0 - ra), np.radians(dec)
    d0, c = np.radians(boresight.dec0), np.radians(-roll)
    f = 1 / (np.sin(d0) * np.sin(d) + np.cos(d) * np.cos(h) * np.cos(d0))
    xp = f * np.cos(d) * np.sin(h)
    yp = f * (np.cos(d0) * np.sin(d) - np.cos(d) * np.cos(h) * np.sin(d0))
    x = xp * np.cos(c) - yp * np.sin(c)
    y = xp * np.sin(c) + yp * np.cos(c)
    return x * TENTHS_PER_RADIAN, y * TENTHS_PER_RADIAN


def inverse(x: Floats, y: Floats, ra0: Floats, dec0: Floats, roll: Floats) -> tuple[Floats, Floats]:
    """Undo `forward` about (ra0, dec0), with x, y in 0.1 arcsec; ra in [0, 360)."""
    c = np.radians(-roll)
    x, y = x / TENTHS_PER_RADIAN, y / TENTHS_PER_RADIAN
    west, north = x * np.cos(c) + y * np.sin(c), -x * np.sin(c) + y * np.cos(c)
    a, d = np.radians(ra0), np.radians(dec0)
    # The point west * (unit vector to the west) + north * (to the north) beyond the centre.
    vx = np.cos(d) * np.cos(a) + west * np.sin(a) - north * np.sin(d) * np.cos(a)
    vy = np.cos(d) * np.sin(a) - west * np.cos(a) - north * np.sin(d) * np.sin(a)
    vz = np.sin(d) + north * np.cos(d)
    ra = np.degrees(np.arctan2(vy, vx)) % 360
    return np.where(ra == 360, 0, ra), np.degrees(np.arctan2(vz, np.hypot(vx, vy)))


def locate(
    time_ms: Integers, detector: DetectorSky, legs: Sequence[Leg], number: int
) -> tuple[Floats, Floats, Floats, Integers]:
    """Return ra, dec, roll (deg; NaN where there is none) and the final flag of each photon.

    The aspect rows are those of the whole eclipse: a photon in the first second of a later leg
    has a row before its own, and the leg's start says nothing about it.
    """
    time, ra0, dec0, roll, flags = _joined([leg.aspect for leg in legs])
    offsets = [forward(a.ra, a.dec, leg.boresight, a.roll) for leg in legs for a in [leg.aspect]]
    axi, aeta = (np.concatenate(parts) for parts in zip(*offsets, strict=True))

    flag = detector.flag
    i = np.searchsorted(time, time_ms, side="right") - 1
    reached = (i > 0) & (i < len(time) - 1) & ((flag == 0) | (flag == 6))
    i = np.where(reached, i, 0)
    elapsed = (time_ms - time[i]) / 1000
    xi = detector.xi + (axi[i + 1] - axi[i]) * elapsed
    eta = detector.eta + (aeta[i + 1] - aeta[i]) * elapsed
    ra, dec = inverse(xi, eta, ra0[i], dec0[i], roll[i])

    even = flags % 2 == 0
    trusted = (time[i + 1] - time[i] == 1000) & (flag == 0)
    trusted &= even[i - 1] & even[i] & even[i + 1]
    flag = np.where(reached, np.where(trusted, flag, 12), 7)
    null = np.isin(flag, NULL_POSITION_FLAGS)
    # The page gives a roll to every photon that came this far; the reference's figures do not.
    ra, dec, roll = (np.where(null, np.nan, v) for v in (ra, dec, -roll[i]))
    return ra, dec, roll, flag


def _joined(aspects: list[Aspect]) -> tuple[Integers, Floats, Floats, Floats, Integers]:
    return (
        np.concatenate([a.time_ms for a in aspects]),
        np.concatenate([a.ra for a in aspects]),
        np.concatenate([a.dec for a in aspects]),
        np.concatenate([a.roll for a in aspects]),
        np.concatenate([a.flags for a in aspects]),
    )
