"""Calibration files that were fetched: each is compared with its record of the first fetch."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from gphoton_db.errors import CalibrationError
from gphoton_db.system.fetched import LOG, FetchedFile, read_fetched, record_fetched

__all__ = ["LOG", "FetchedFile", "check_fetched", "fetched_files", "record_fetched"]


class Hashed(Protocol):
    """A file that was read: its name and the SHA-256 of its content."""

    @property
    def name(self) -> str:
        """Name in the folder."""

    @property
    def sha256(self) -> str:
        """Of the whole content."""


def fetched_files(directory: Path) -> Mapping[str, FetchedFile]:
    """Return what was fetched into a directory of calibration files, by name.

    Raises
    ------
    CalibrationError
        If there is a record of it that cannot be read.
    """
    try:
        return read_fetched(directory)
    except OSError as error:
        raise CalibrationError(f"{directory / LOG}: cannot be read ({error.strerror})") from None


def check_fetched(directory: Path, files: Iterable[Hashed]) -> None:
    """Check files that are in use against what was fetched; one's own files are not in question.

    Parameters
    ----------
    directory : Path
        Where they are.
    files : iterable
        With ``name`` and ``sha256``.

    Raises
    ------
    CalibrationError
        If any is not what was fetched.
    """
    known = fetched_files(directory)
    changed = [f.name for f in files if f.name in known and known[f.name].sha256 != f.sha256]
    if changed:
        raise CalibrationError(
            f"{directory}: {', '.join(changed)}: not what was fetched or imported (the SHA-256 "
            f"differs from {LOG}): delete the file to have it fetched again, or import it "
            "(gphoton-db calibration import --force) if it was replaced on purpose"
        )
