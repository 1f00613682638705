"""Options of an ingest."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from gphoton_db.mission import Band

Eclipses = str | Path | Iterable[int | tuple[int, str | Band]]
"""A list or ranges in text, a file of them, numbers, or pairs of a number and a band."""

FEWEST_LEGS = 10
"""Legs of one field and band that are worth merging (`Archive.compact`)."""

LOCAL = "local"
"""In place of a cluster: processes of our own, where a setting names one."""


class InputChoices(TypedDict, total=False):
    """Keyword arguments of `Archive.run` about its ingest: fields of `IngestOptions`."""

    raw6: str | Path | None
    pointing: str | Path | None
    calibration: str | Path | None
    full_precision: bool
    override_limits: bool
    clamp_separation: bool


class IngestChoices(InputChoices, total=False):
    """Keyword arguments of `Archive.ingest`: fields of `IngestOptions`."""

    force: bool
    threads: int | None


@dataclass(frozen=True)
class IngestOptions:
    """What an ingest takes, and how it reduces that.

    Parameters
    ----------
    raw6 : path, optional
        Telemetry, plain or gzipped; by default ``raw6/e<eclipse>-<n|f>d-raw6.fits[.gz]`` in the
        archive.  Of many eclipses: the folder of such files.
    pointing : path, optional
        A pointing file or a directory with any of its forms; by default ``pointing`` in the
        archive.
    calibration : path, optional
        Directory of calibration files, or the name of a set of the archive; by default
        ``calibration`` in the archive.
    full_precision : bool
        Store positions, pixels and responses to the last bit.
    override_limits : bool
        Reduce eclipses 37424-38149 and beyond 47000 too.
    clamp_separation : bool
        Take the distortion cube's nearest layer where the stim separation leaves it.
    force : bool
        Replace what is there of this band of the eclipse; otherwise it is skipped.
    threads : int, optional
        Worker threads of a reduction; by default one for each core that the process may use, and
        where several eclipses are reduced at a time, its share of them.
    """

    raw6: str | Path | None = None
    pointing: str | Path | None = None
    calibration: str | Path | None = None
    full_precision: bool = False
    override_limits: bool = False
    clamp_separation: bool = False
    force: bool = False
    threads: int | None = None
