"""Files on their way into the archive: durable on disk, with size and checksum."""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WrittenFile:
    """A finished file: where it is, its size in bytes, and the SHA-256 of its content."""

    path: Path
    size: int
    sha256: str


def describe(path: Path) -> WrittenFile:
    """Force a file onto the disk and return its size and checksum."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WrittenFile(path, path.stat().st_size, digest)
