"""Rows of the catalogue as validated value objects; field names are column names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gphoton_db.errors import ArchiveError


@dataclass(frozen=True)
class LegRecord:
    """One leg of one band of an eclipse, as it was reduced.

    Times are GALEX seconds, angles degrees, durations seconds.

    Parameters
    ----------
    ra0, dec0, roll0
        Boresight.
    radius
        Of the smallest circle about the boresight that holds all of the exposed field.
    ra_min, ra_max, dec_min, dec_max
        Bounds of the exposed field; ``ra_min > ra_max`` across RA 0, 0 and 360 over a pole.
    t0, t1
        First and last aspect row.
    good_fix_seconds
        Seconds with trusted pointing.
    photon_t0, photon_t1
        First and last unflagged photon on the detector; None where there is none.
    raw_exposure, exposure
        Between those, without closed shutter; and corrected for dead time.
    n_photons, n_unflagged, n_no_weight, n_ghost
        All photons; those with flag 0; those of them on dead flat pixels (response 0, no
        weight); those in post-CSP ghosts.
    stim_separation, separation_clamped
        Arcsec, in the middle of the leg; whether it left the distortion cube and was clamped.
    time_rounding
        Largest distance of a time in the telemetry from a whole millisecond.
    calibration
        Name of the calibration set: a hash of its content, after ``synthetic-`` if made up.
    generation
        Name of the ingest that wrote the leg; part of its file names.
    path, n_files, size_bytes, sha256
        Folder of the photon files, their number, their total size, and a hash over their hashes.
    """

    eclipse: int
    band: str
    leg: int
    ra0: float
    dec0: float
    roll0: float
    radius: float
    ra_min: float
    ra_max: float
    dec_min: float
    dec_max: float
    t0: float
    t1: float
    good_fix_seconds: float
    photon_t0: float | None
    photon_t1: float | None
    raw_exposure: float
    exposure: float
    n_photons: int
    n_unflagged: int
    n_no_weight: int
    n_ghost: int
    stim_separation: float
    separation_clamped: bool
    time_rounding: float
    full_precision: bool
    pointing_source: str
    calibration: str
    software_version: str
    generation: str
    ingested_at: datetime
    path: str
    n_files: int
    size_bytes: int
    sha256: str


def leg_of(row: Mapping[str, Any]) -> LegRecord:
    """Return a row of the table of legs as a record.

    Raises
    ------
    ArchiveError
        If it has other columns: the file that it is from is damaged, or another one.
    """
    try:
        return LegRecord(**row)
    except TypeError as error:
        raise ArchiveError(
            f"the catalogue's table of legs is damaged ({error}): run `gphoton-db verify --repair`"
        ) from None


@dataclass(frozen=True)
class SeenLeg:
    """What measuring positions needs of a leg: some columns of `LegRecord`.

    A catalogue's files are small, and reading all columns of hundreds of them takes three times
    as long.
    """

    eclipse: int
    band: str
    leg: int
    ra0: float
    dec0: float
    radius: float
    photon_t0: float | None
    photon_t1: float | None
    n_photons: int
    pointing_source: str
    calibration: str


AnyLeg = LegRecord | SeenLeg


@dataclass(frozen=True)
class FileRecord:
    """One Parquet file of a leg: `kind` is one of `paths.FILE_KINDS`; `path` is relative.

    ``cell_min`` and ``cell_max`` are the HEALPix order-13 nested cells of its photons, the others
    the bounds of their positions in degrees (0 and 360 across RA 0); None where there are none.
    """

    eclipse: int
    band: str
    leg: int
    kind: str
    part: int
    path: str
    n_rows: int
    size_bytes: int
    sha256: str
    cell_min: int | None = None
    cell_max: int | None = None
    ra_min: float | None = None
    ra_max: float | None = None
    dec_min: float | None = None
    dec_max: float | None = None


@dataclass(frozen=True)
class CalibrationFileRecord:
    """One file of a calibration set that is in use."""

    calibration: str
    name: str
    size_bytes: int
    sha256: str
    directory: str


@dataclass(frozen=True)
class IngestRecord:
    """One attempt to ingest a band of an eclipse.

    Parameters
    ----------
    outcome
        ``ingested``, ``replaced`` (there was an earlier version) or ``failed``.
    message
        Why it failed.
    n_events, n_photons
        In the telemetry, and within the legs.
    seconds
        How long it took.
    """

    generation: str
    eclipse: int
    band: str
    outcome: str
    message: str | None
    raw6: str | None
    pointing: str | None
    n_events: int | None
    n_photons: int | None
    seconds: float
    started_at: datetime
    software_version: str


@dataclass(frozen=True)
class BoresightRecord:
    """The nominal pointing of one leg of a visit that is known, ingested or not.

    Angles are degrees; ``leg`` counts from 0; ``t0`` is its start, GALEX seconds.
    """

    eclipse: int
    leg: int
    ra0: float
    dec0: float
    roll0: float | None = None
    t0: float | None = None


@dataclass(frozen=True)
class ProductRecord:
    """One file that was made from the archive.

    Parameters
    ----------
    path
        Relative to the archive where it is inside it, else absolute.
    kind
        ``image``, ``movie``, ``exposure``, ...
    eclipse, band, leg
        What it is of; None where it is of more than one.
    parameters
        What it was made with, as JSON.
    calibration
        Content hash of the calibration set of its photons.
    """

    path: str
    kind: str
    eclipse: int | None
    band: str | None
    leg: int | None
    parameters: str
    calibration: str | None
    software_version: str
    made_at: datetime
    size_bytes: int
    sha256: str
