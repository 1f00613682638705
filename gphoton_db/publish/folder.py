"""Publishing into a folder, which a web server serves."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gphoton_db.errors import ArchiveError
from gphoton_db.publish.contents import ListedFile, content_of
from gphoton_db.publish.targets import Stored
from gphoton_db.remote.pointer import POINTER
from gphoton_db.system.durable import written_beside

LOCK = ".gphoton-publish.lock"
"""Held while the pointer is compared and replaced."""

LOCK_TIMEOUT_S = 60.0


class Folder:
    """A folder of this machine, or of a disk that it shares.

    Parameters
    ----------
    folder : Path
        It is made if there is none.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __str__(self) -> str:
        return str(self._folder)

    def sizes(self) -> Mapping[str, int]:
        """Return name and size of all files that are there."""
        return {
            path.relative_to(self._folder).as_posix(): path.stat().st_size
            for path in self._folder.rglob("*")
            if path.is_file() and not path.name.startswith(".")
        }

    def put(self, file: ListedFile) -> None:
        """Put a file, whose content is compared with its hash on the way."""
        self._write(file.name, content_of(file))

    def put_content(self, name: str, content: bytes) -> None:
        """Put a file of this content."""
        self._write(name, [content])

    def pointer(self) -> Stored:
        """Return the pointer as it is now."""
        try:
            content = (self._folder / POINTER).read_bytes()
        except FileNotFoundError:
            return Stored(None, None)
        except OSError as error:
            raise self._unusable(error) from None
        return Stored(content, hashlib.sha256(content).hexdigest())

    def swap_pointer(self, content: bytes, before: Stored) -> bool:
        """Put a pointer in the place of another one, if that is still there; return whether."""
        with self._locked():
            if self.pointer().token != before.token:
                return False
            self._write(POINTER, [content])
            return True

    def remove(self, names: Iterable[str]) -> None:
        """Remove files, and the folders that are empty then."""
        for name in names:
            path = self._folder / name
            path.unlink(missing_ok=True)
            for parent in path.relative_to(self._folder).parents:
                folder = self._folder / parent
                if parent == Path() or any(folder.iterdir()):
                    break
                folder.rmdir()

    def _write(self, name: str, content: Iterable[bytes]) -> None:
        path = self._folder / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with written_beside(path) as temporary, temporary.open("wb") as file:
                for block in content:
                    file.write(block)
        except OSError as error:
            raise self._unusable(error) from None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        from filelock import FileLock, Timeout

        try:
            with FileLock(self._folder / LOCK, timeout=LOCK_TIMEOUT_S):
                yield
        except Timeout:
            raise ArchiveError(
                f"{self._folder / LOCK}: another process has held it for {LOCK_TIMEOUT_S:g} s; "
                "end that process and try again"
            ) from None

    def _unusable(self, error: OSError) -> ArchiveError:
        return ArchiveError(f"{self._folder}: cannot be written or read ({error.strerror})")
