"""The list of what could not be done: a CSV file, which says what to try again."""

import csv
import io
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.errors import ArchiveError, EclipseListError
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.mission import Band
from gphoton_db.system.durable import written_beside
from gphoton_db.system.inside import remove_file

COLUMNS = ("eclipse", "band", "reason")


@dataclass(frozen=True)
class Failure:
    """A band of an eclipse that could not be ingested or worked on, and why."""

    eclipse: int
    band: Band
    reason: str

    @property
    def what(self) -> EclipseBand:
        """Which it is."""
        return EclipseBand(self.eclipse, self.band)


def read_failed(path: Path) -> tuple[Failure, ...]:
    """Return the failures that a file lists; a file that is not there lists none.

    Raises
    ------
    EclipseListError
        If it is another kind of file, which must not be overwritten.
    """
    if not path.exists():
        return ()
    try:
        rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline="")))
        if rows and tuple(rows[0]) != COLUMNS:
            raise ValueError("no such columns")
        return tuple(Failure(int(number), Band(band), why) for number, band, why in rows[1:])
    except (OSError, ValueError, csv.Error):
        raise EclipseListError(
            f"{path}: is no list of failed eclipses (columns {', '.join(COLUMNS)}), and is not "
            "overwritten: name another file for them"
        ) from None


def check_writable(path: Path) -> None:
    """Refuse a file that could not be written in the end, should anything fail.

    Raises
    ------
    ArchiveError
        If it cannot be made or changed where it is to be.
    """
    folder = next(each for each in path.absolute().parents if each.exists())
    if not folder.is_dir():
        reason = f"{folder} is no folder"
    elif not os.access(folder, os.W_OK):
        reason = f"nothing may be written in {folder}"
    else:
        return
    raise ArchiveError(f"{path}: cannot be written ({reason}): name another file for what fails")


def write_failed(
    path: Path, failures: Iterable[Failure], *, attempted: Collection[EclipseBand]
) -> tuple[Failure, ...]:
    """Bring the list up to date, and remove it when nothing is left in it.

    Parameters
    ----------
    path : Path
        The file; what it lists that was not attempted now stays.
    failures : iterable of Failure
        Of what was attempted.
    attempted : collection of EclipseBand
        All of what was attempted, or found to be in the archive.

    Returns
    -------
    tuple of Failure
        What the file lists now.

    Raises
    ------
    EclipseListError
        If the file is no such list.
    ArchiveError
        If it cannot be written.
    """
    others = [each for each in read_failed(path) if each.what not in attempted]
    listed = tuple(sorted((*others, *failures), key=lambda each: each.what))
    try:
        if listed:
            _write_whole(path, listed)
        else:
            remove_file(path.parent, path)
    except OSError as error:
        raise ArchiveError(f"{path}: cannot be written ({error.strerror or error})") from None
    return listed


def _write_whole(path: Path, listed: Sequence[Failure]) -> None:
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows((each.eclipse, each.band, " ".join(each.reason.split())) for each in listed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with written_beside(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
