"""Telemetry and calibration that are named by address: fetched into the archive's folders."""

import hashlib
from pathlib import Path

from gphoton_db.calibration import files_for, missing_files
from gphoton_db.errors import OfflineError, TelemetryError
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths, raw6_name
from gphoton_db.remote.address import address_of, is_address
from gphoton_db.remote.mounting import source_of
from gphoton_db.system.durable import written_beside
from gphoton_db.system.fetched import describe_fetched, read_fetched, record_fetched

_FILES = (".fits", ".fits.gz")


def fetched_inputs(
    paths: ArchivePaths,
    eclipse: int,
    band: Band,
    raw6: Path | None,
    calibration: Path | None,
    *,
    offline: bool,
) -> tuple[Path | None, Path | None]:
    """Return telemetry and calibration with files of this machine in the place of addresses.

    Files that were fetched before are not fetched again; each is recorded with its hash, which
    is compared when it is used.

    Parameters
    ----------
    paths : ArchivePaths
        The archive: telemetry goes into its ``raw6``, calibration into a set of its own.
    eclipse, band
        What is to be ingested.
    raw6, calibration : Path or None
        What the user has named.
    offline : bool
        Whether the network must not be used.

    Raises
    ------
    OfflineError
        If something is named by address, and the network must not be used.
    TelemetryError
        If the archive has another file of that name.
    ArchiveError
        If a file cannot be fetched.
    """
    addresses = [str(p) for p in (raw6, calibration) if p is not None and is_address(p)]
    if addresses and offline:
        raise OfflineError(
            f"{address_of(addresses[0])}: the network must not be used (offline): give a file or "
            "folder of this machine, or allow it"
        )
    if raw6 is not None and is_address(raw6):
        raw6 = _telemetry(paths.raw6, address_of(raw6), raw6_name(eclipse, band))
    if calibration is not None and is_address(calibration):
        calibration = _calibration(paths.calibration, address_of(calibration), eclipse, band)
    return raw6, calibration


def _telemetry(folder: Path, address: str, usual_name: str) -> Path:
    """Return a file of telemetry, which is named itself or by its folder."""
    if address.endswith(_FILES):
        address, _, name = address.rpartition("/")
    else:
        name = usual_name
    path = folder / name
    if path.exists():
        known = read_fetched(folder).get(name)
        if known is None or known.source != f"{address}/{name}":
            raise TelemetryError(
                f"{path}: is there, and did not come from {address}: leave out --raw6 to use it, "
                "or remove it"
            )
        return path
    return _fetch(folder, address, name)


def _calibration(root: Path, address: str, eclipse: int, band: Band) -> Path:
    """Return the set that is of an address, with what an eclipse needs."""
    folder = root / f"from-{hashlib.sha256(address.encode()).hexdigest()[:12]}"
    for file in missing_files(files_for(band, eclipse), folder):
        _fetch(folder, address, file.name)
    return folder


def _fetch(folder: Path, address: str, name: str) -> Path:
    content = source_of(address).whole(name)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    with written_beside(path) as temporary:
        temporary.write_bytes(content)
        record_fetched(folder, describe_fetched(temporary, name, f"{address}/{name}"))
    return path
