"""What was fetched into a folder: one line of JSON a file, in ``fetched.jsonl`` beside the files.

A file is entered before it takes its name, so whatever was fetched is known, with its hash; files
that are not entered are somebody's own.  Lines are only ever added, each in one step, so that
processes and threads may do so at the same time; of two lines of one name the later one counts.
"""

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gphoton_db.system.inside import checked_inside

LOG = "fetched.jsonl"

IMPORTED = "imported:"
"""Begins the source of a file that was not fetched, but taken from a folder of somebody's."""


@dataclass(frozen=True)
class FetchedFile:
    """One file as it came.

    Parameters
    ----------
    name : str
        Its name in the folder, relative where it lies in a sub-folder.
    size : int
        Bytes.
    sha256 : str
        Of its content.
    source : str
        Address that it came from; or `IMPORTED` and a path.
    fetched_at : str
        ISO 8601, UTC.
    """

    name: str
    size: int
    sha256: str
    source: str
    fetched_at: str

    @property
    def can_be_fetched_again(self) -> bool:
        """Whether it came from an address."""
        return not self.source.startswith(IMPORTED)


def describe_fetched(path: Path, name: str, source: str) -> FetchedFile:
    """Return the entry of a file that is complete, but has perhaps not got its name yet.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    return FetchedFile(name, path.stat().st_size, digest, source, moment)


def record_fetched(folder: Path, file: FetchedFile) -> None:
    """Enter a file, so that it is still entered after a power failure.

    Raises
    ------
    OSError
        If the folder cannot be written.
    ArchiveError
        If the record is a link that leads out of the folder.
    """
    checked_inside(folder, folder / LOG)
    line = json.dumps(asdict(file)).encode() + b"\n"
    descriptor = os.open(folder / LOG, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        # What a process wrote that died in the middle of its line must not spoil this one.
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line
        os.write(descriptor, line)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_fetched(folder: Path) -> Mapping[str, FetchedFile]:
    """Return what was fetched into a folder, by name; a line that is no entry is passed over.

    Raises
    ------
    OSError
        If the record is there and cannot be read.
    """
    try:
        lines = (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return {}
    entries = [_entry(line) for line in lines]
    return {entry.name: entry for entry in entries if entry is not None}


def _entry(line: str) -> FetchedFile | None:
    try:
        values: Any = json.loads(line)
        return FetchedFile(**{field.name: values[field.name] for field in fields(FetchedFile)})
    except (ValueError, TypeError, KeyError):
        return None
