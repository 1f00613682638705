"""The inputs of an ingest: find them, and fetch missing ones.

An input that is given by its path is used as it is.  Other inputs are looked for in the archive's
own folders; missing ones are fetched into these, or, offline, named in the error.
"""

import logging
from dataclasses import dataclass, replace
from pathlib import Path

from gphoton_db.aspect.read import LOOKED_FOR, KnownPointing, known_pointing
from gphoton_db.calibration import files_for, missing_files
from gphoton_db.errors import (
    CalibrationError,
    OfflineError,
    PointingError,
    ServiceError,
    TelemetryError,
)
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, raw6_name, scst_name
from gphoton_db.progress import Progress, no_progress
from gphoton_db.remote.address import is_address
from gphoton_db.service import ServiceOptions

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class GivenInputs:
    """Inputs of an ingest that the user has named; None = look for it, and fetch it if need be.

    Parameters
    ----------
    raw6 : Path or None
        Telemetry file.
    pointing : Path or None
        A pointing file, or a directory of any of its forms.
    calibration : Path or None
        Directory of calibration files.
    """

    raw6: Path | None = None
    pointing: Path | None = None
    calibration: Path | None = None


@dataclass(frozen=True)
class IngestSources:
    """Where the inputs of an ingest are.

    Parameters
    ----------
    raw6 : Path
        Telemetry file.
    pointing : Path
        A pointing file, or a directory of any of its forms.
    calibration : Path
        Directory of calibration files.
    """

    raw6: Path
    pointing: Path
    calibration: Path

    def absolute(self) -> "IngestSources":
        """Return the same files for a process that works in another folder."""
        return IngestSources(
            self.raw6.absolute(), self.pointing.absolute(), self.calibration.absolute()
        )


@dataclass(frozen=True)
class _Missing:
    """Inputs of an ingest that are neither given nor in the archive's folders."""

    raw6: bool
    aspect: bool
    scst: bool
    calibration: tuple[str, ...]

    def __bool__(self) -> bool:
        return self.raw6 or self.aspect or self.scst or bool(self.calibration)

    @property
    def only_scst(self) -> bool:
        """Whether all is there that NUV photons are made of."""
        return self.scst and not (self.raw6 or self.aspect or self.calibration)


def obtain(
    paths: ArchivePaths,
    eclipse: int,
    band: Band,
    given: GivenInputs,
    options: ServiceOptions,
    *,
    on_download: Progress = no_progress,
) -> IngestSources:
    """Find everything that the ingest of a band of an eclipse needs, and fetch what is missing.

    Nothing is reduced, and the catalogue is not touched: several threads and processes may do so
    for one archive at the same time.

    Parameters
    ----------
    paths : ArchivePaths
        The archive, whose ``raw6``, ``pointing`` and ``calibration`` hold what was fetched.
    eclipse, band
        What is to be ingested.
    given : GivenInputs
        Paths that the user has named; nothing is fetched in their place.
    options : ServiceOptions
        Where from, and whether the network may be used at all.
    on_download : callable
        Told ``(file name, bytes done, bytes in all)``; by whichever thread calls `obtain`.

    Returns
    -------
    IngestSources
        Where everything is.

    Raises
    ------
    OfflineError
        If something is missing and the network must not be used; all of it is named.
    ServiceError
        If something cannot be fetched.  What was fetched before that stays for the next attempt.
        That only metadata cannot be had does not keep NUV from being ingested: it is logged.
    GPhotonError
        If something would have to be fetched, and a path that was given does not exist, or is a
        folder of calibration files that lacks some.
    """
    if any(path is not None and is_address(path) for path in (given.raw6, given.calibration)):
        from gphoton_db.intake.addresses import fetched_inputs

        raw6, calibration = fetched_inputs(
            *(paths, eclipse, band, given.raw6, given.calibration), offline=options.offline
        )
        given = replace(given, raw6=raw6, calibration=calibration)
    found_raw6 = given.raw6 or find_raw6(paths, eclipse, band)
    sources = IngestSources(
        found_raw6 or paths.raw6 / raw6_name(eclipse, band),
        given.pointing or paths.pointing,
        given.calibration or paths.calibration,
    )
    known = None if given.pointing else known_pointing(paths.pointing, eclipse)
    missing = _Missing(
        raw6=found_raw6 is None,
        aspect=known is not None and not known.refined,
        scst=known is not None and not known.metadata,
        calibration=() if given.calibration else _lacking(paths.calibration, eclipse, band),
    )
    if options.offline:
        _say_what_is_missing(paths, eclipse, band, missing, known)
    elif missing:
        _check_given(given, eclipse, band)
        try:
            _fetch(paths, eclipse, band, missing, options, on_download)
        except ServiceError as error:
            if band is Band.FUV or not missing.only_scst:
                raise
            log.warning("eclipse %d: plan and temperatures stay unknown: %s", eclipse, error)
    return sources


def find_raw6(paths: ArchivePaths, eclipse: int, band: Band) -> Path | None:
    """Return the telemetry of a band of an eclipse in the archive's folder; None = not there."""
    name = raw6_name(eclipse, band)
    candidates = (paths.raw6 / name, paths.raw6 / name.removesuffix(".gz"))
    return next((path for path in candidates if path.exists()), None)


def _lacking(folder: Path, eclipse: int, band: Band) -> tuple[str, ...]:
    """Return the names of the calibration files that a folder lacks."""
    return tuple(file.name for file in missing_files(files_for(band, eclipse), folder))


def _check_given(given: GivenInputs, eclipse: int, band: Band) -> None:
    """Refuse paths that do not exist, and incomplete calibrations, before anything is fetched."""
    wrong = {"raw6": TelemetryError, "pointing": PointingError, "calibration": CalibrationError}
    for name, error in wrong.items():
        path: Path | None = getattr(given, name)
        if path is not None and not path.exists():
            raise error(f"{path}: there is no such file or directory ({name})")
    lacks = _lacking(given.calibration, eclipse, band) if given.calibration else ()
    if lacks:
        raise CalibrationError(
            f"{given.calibration} lacks {', '.join(lacks)}, which eclipse {eclipse} {band} needs; "
            "nothing is fetched into a folder that is given: complete it, or leave out "
            "--calibration"
        )


def obtain_pointing(
    paths: ArchivePaths,
    eclipse: int,
    options: ServiceOptions,
    *,
    on_download: Progress = no_progress,
) -> bool:
    """Fetch the refined aspect and the spacecraft state of an eclipse, where they are missing.

    Returns
    -------
    bool
        Whether anything was missing.

    Raises
    ------
    ServiceError
        If they cannot be fetched.
    """
    known = known_pointing(paths.pointing, eclipse)
    missing = _Missing(False, not known.refined, not known.metadata, ())
    if missing:
        _fetch(paths, eclipse, None, missing, options, on_download)
    return bool(missing)


def _fetch(
    paths: ArchivePaths,
    eclipse: int,
    band: Band | None,
    missing: _Missing,
    options: ServiceOptions,
    on_download: Progress,
) -> None:
    """Fetch what is missing; what is small, or may not be there at all, comes first."""
    # Imported only where something is to be fetched: requests takes a while to load.
    from gphoton_db.ingest.mast.calibration import fetch_calibration
    from gphoton_db.ingest.mast.client import Client
    from gphoton_db.ingest.mast.locations import find_files
    from gphoton_db.ingest.mast.pointing import fetch_pointing
    from gphoton_db.ingest.mast.visit_files import fetch_raw6, fetch_scst

    client = Client(options)
    locations = find_files(client, eclipse) if missing.raw6 or missing.scst else None
    if locations and band and missing.raw6:
        locations.of_raw6(band)
    if missing.aspect:
        fetch_pointing(client, eclipse, paths.pointing)
    if locations and missing.scst:
        fetch_scst(client, locations, paths.pointing, on_progress=on_download)
    if band and missing.calibration:
        needed = files_for(band, eclipse)
        fetch_calibration(client, needed, paths.calibration, on_progress=on_download)
    if locations and band and missing.raw6:
        fetch_raw6(client, locations, band, paths.raw6, on_progress=on_download)


def _say_what_is_missing(
    paths: ArchivePaths, eclipse: int, band: Band, missing: _Missing, known: KnownPointing | None
) -> None:
    """Raise the error that names everything that is missing, if anything is."""
    said = []
    if missing.raw6:
        name = raw6_name(eclipse, band).removesuffix(".gz")
        said.append(f"no raw6 file was given, and there is no {name}[.gz] in {paths.raw6}")
    if missing.aspect and known is not None and known.attitude:
        log.warning("eclipse %d: offline, and no refined aspect: the coarse one is used", eclipse)
    elif missing.aspect:
        said.append(
            f"no pointing was given, and there is none of the eclipse in {paths.pointing} "
            f"({LOOKED_FOR})"
        )
    if missing.scst and not missing.aspect and band is Band.FUV:
        said.append(
            f"the detector's temperature: no {scst_name(eclipse)} or metadata table in "
            f"{paths.pointing}"
        )
    if missing.calibration:
        said.append(
            f"no calibration was given, and {paths.calibration} lacks "
            f"{', '.join(missing.calibration)}"
        )
    if said:
        raise OfflineError(
            f"eclipse {eclipse} {band} cannot be ingested offline: {'; '.join(said)}; give their "
            "paths, or allow the network"
        )
