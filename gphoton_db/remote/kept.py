"""What is kept on this machine of archives that are afar: their catalogues, and ends of files.

All of it is in the user's cache folder, may be removed at any time, and is bounded.
"""

import hashlib
import os
import shutil
import tempfile
import zlib
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path

from gphoton_db.errors import ArchiveError
from gphoton_db.remote.parts import Part

VARIABLE = "GPHOTON_DB_CACHE"
"""Of the environment: another folder for what is kept."""

MOST_TAIL_BYTES = 200 * 2**20
"""Ends of files that are kept of an archive; then those that came first are removed."""

VERSIONS = 3
"""Versions of a catalogue that are kept of an archive."""

TAILS, WHOLE = "tails", "whole"
"""Folders for ends of files, and for whole ones; others are of versions of the catalogue."""

_HEADER = 12

_MAGIC = b"PAR1"
"""How every Parquet file ends; what does not was cut off or replaced, and may be mended there."""


def cache_folder(address: str) -> Path:
    """Return the folder for what is kept of the archive at an address."""
    named = os.environ.get(VARIABLE)
    folder = Path(named).expanduser() if named else user_cache_path("gphoton-db")
    name = hashlib.sha256(address.encode()).hexdigest()[:24]
    return folder.resolve() / "archives" / name


def write_whole(path: Path, content: bytes) -> None:
    """Write a file that is there as a whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
        try:
            file.write(content)
            file.close()
            Path(file.name).replace(path)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def digest_of(content: bytes) -> str:
    """Return the SHA-256 of a file's content."""
    return hashlib.sha256(content).hexdigest()


def forget_versions(folder: Path, kept: Path) -> None:
    """Remove the folders of all but the newest versions of a catalogue, and `kept`."""
    versions = sorted(
        (path for path in folder.iterdir() if path.is_dir() and path.name not in (TAILS, WHOLE)),
        key=lambda path: path.stat().st_mtime,
        reverse=True,
    )
    for path in versions[VERSIONS:]:
        if path != kept:
            shutil.rmtree(path, ignore_errors=True)


class KeptTails:
    """Ends of the files of an archive, each in a file of its own with its size and a checksum.

    Where the folder cannot be written, nothing is kept.

    Parameters
    ----------
    folder : Path
        What is kept of the archive.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / TAILS

    def read(self, name: str) -> Part | None:
        """Return the end of a file, if it is here."""
        try:
            stored = self._path(name).read_bytes()
        except OSError:
            return None
        size, checksum = int.from_bytes(stored[:8], "little"), stored[8:_HEADER]
        content = stored[_HEADER:]
        if zlib.crc32(content, size & 0xFFFFFFFF).to_bytes(4, "little") != checksum:
            return None
        if not content.endswith(_MAGIC):
            return None
        return Part(content, size - len(content), size)

    def write(self, name: str, part: Part) -> None:
        """Keep the end of a file, if it is one of a Parquet file."""
        if not part.content.endswith(_MAGIC):
            return
        checksum = zlib.crc32(part.content, part.size & 0xFFFFFFFF).to_bytes(4, "little")
        try:
            write_whole(self._path(name), part.size.to_bytes(8, "little") + checksum + part.content)
        except OSError:
            return

    def forget(self) -> None:
        """Remove what came first, if there is too much."""
        try:
            states = sorted(
                ((state.st_mtime, state.st_size, path) for path, state in self._files()),
                reverse=True,
            )
            total = 0
            for _, size, path in states:
                total += size
                if total > MOST_TAIL_BYTES:
                    path.unlink(missing_ok=True)
        except OSError:
            return

    def drop(self, name: str) -> None:
        """Forget the end of a file that is not what it was."""
        with suppress(OSError):
            self._path(name).unlink(missing_ok=True)

    def _files(self) -> list[tuple[Path, os.stat_result]]:
        return [(path, path.stat()) for path in self._folder.iterdir()]

    def _path(self, name: str) -> Path:
        return self._folder / hashlib.sha256(name.encode()).hexdigest()[:32]


def changed_file(address: str, before: int, now: int) -> ArchiveError:
    """Return the error for a file that has another size than it had."""
    return ArchiveError(
        f"{address}: has {now:,} bytes and had {before:,}: files of an archive never change; "
        "open the archive again, or ask whoever published it"
    )
