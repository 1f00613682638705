"""Notes of products that are about to get their places, which outlive a process that is killed.

A product takes the place of an earlier one of its name in one step, and the catalogue is told in
another.  Between the two, a note says what the catalogue is to be told: whoever opens the archive
next, or commits, enters it if the file is in its place.  A note is locked by the process that
wrote it, for as long as that goes on.
"""

import fcntl
import logging
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

import duckdb

from gphoton_db.catalogue.made import earlier_products, eclipses_of_products, insert_products
from gphoton_db.catalogue.noted import NotedProduct, identity_of, in_place, line_of, lines_in
from gphoton_db.errors import ArchiveError
from gphoton_db.system.durable import move_durably, sync_folder
from gphoton_db.system.inside import checked_inside, remove_file

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import ProductRecord
    from gphoton_db.catalogue.staged import StagedProducts
    from gphoton_db.paths import ArchivePaths

logger = logging.getLogger(__name__)

Reader = Callable[[], duckdb.DuckDBPyConnection]
Changing = Callable[
    [Sequence[str], Iterable[int | None]], AbstractContextManager[duckdb.DuckDBPyConnection]
]

_NAMES = "made-*.jsonl"

_MOST_BYTES = 2**26
"""Of a note that is read: a hundred thousand files."""


class ProductNote:
    """A note of one process, which is there from the first product on.

    Parameters
    ----------
    paths : ArchivePaths or None
        The archive; None: nothing is noted, for another process enters the products.
    """

    def __init__(self, paths: "ArchivePaths | None") -> None:
        self._paths = paths
        self._path: Path | None = None
        self._file: IO[str] | None = None
        self._in_place: dict[str, tuple[Path, tuple[int, ...]]] = {}

    def move(self, record: "ProductRecord", source: Path, target: Path) -> None:
        """Move a finished file to its place, which is noted first where it can be.

        Raises
        ------
        OSError
            If the file cannot be moved.
        """
        try:
            self.write([NotedProduct(record, identity_of(source))])
        except (ArchiveError, OSError) as error:
            logger.debug("%s: not noted (%s)", target, error)
        self._in_place[record.path] = (target, _identity(source))
        move_durably(source, target)

    def write(self, products: Sequence[NotedProduct]) -> None:
        """Note what the catalogue is to be told, so that it is on the disk.

        Raises
        ------
        ArchiveError
            If the folder for it leads out of the archive.
        OSError
            If it cannot be written.
        """
        if self._paths is None or not products:
            return
        new = self._file is None
        file = self._begun(self._paths) if self._file is None else self._file
        file.write("".join(f"{line_of(each)}\n" for each in products))
        file.flush()
        os.fsync(file.fileno())
        if new and self._path is not None:
            sync_folder(self._path.parent)

    def still_there(self, records: "Sequence[ProductRecord]") -> "list[ProductRecord]":
        """Return those whose files no other process has replaced meanwhile."""
        return [each for each in records if self._is_there(each)]

    def forget(self) -> None:
        """Remove the note: the catalogue was told."""
        if self._paths is not None and self._path is not None:
            remove_file(self._paths.root, self._path)
        self.release()

    def release(self) -> None:
        """Leave the note for whoever opens the archive next."""
        if self._file is not None:
            self._file.close()
        self._path = self._file = None

    def _begun(self, paths: "ArchivePaths") -> IO[str]:
        """Return the file of the note, locked."""
        checked_inside(paths.root, paths.staging).mkdir(parents=True, exist_ok=True)
        while True:
            path = paths.staging / f"made-{secrets.token_hex(16)}.jsonl"
            file = path.open("x", encoding="utf-8")
            # Whoever settles notes may have seen it before it was locked, and removed it.
            if _is_ours(file) and path.exists():
                self._path, self._file = path, file
                return file
            file.close()

    def _is_there(self, record: "ProductRecord") -> bool:
        if record.path not in self._in_place:
            return True
        path, moved = self._in_place[record.path]
        try:
            return _identity(path) == moved
        except OSError:
            return False


Note = ProductNote | None
"""None: nothing was noted."""


@contextmanager
def noted(
    paths: "ArchivePaths", reader: Reader, made: "Sequence[StagedProducts]"
) -> Iterator[dict[str, int | None]]:
    """Note products of other processes while they get their places and the catalogue is told.

    Yields the names of those that the catalogue has already, with the eclipses of what it has.

    Only these are noted.  New ones come with tables of sources, and a note of the products alone
    would say that all of the leg is made; so they are made again.

    Raises
    ------
    ArchiveError
        If the folder for the note leads out of the archive.
    OSError
        If it cannot be written.
    """
    note = ProductNote(paths)
    try:
        products = [product for each in made for product in each.products]
        earlier = earlier_products(reader, products)
        note.write([NotedProduct(each) for each in products if each.path in earlier])
        yield earlier
        note.forget()
    finally:
        note.release()


def settle(paths: "ArchivePaths", reader: Reader, changing: Changing) -> None:
    """Enter the products of processes that were killed, if their files are in place.

    Only for the one who keeps others from committing (`file.locked`).

    Parameters
    ----------
    paths : ArchivePaths
        The archive.
    reader, changing : callable
        Those of its catalogue.

    Raises
    ------
    ArchiveError
        If the catalogue cannot be changed.
    OSError
        If it, or a note, cannot be read or written.
    """
    for path in _notes(paths):
        with suppress(FileNotFoundError), _open(path) as file:
            # Locked meanwhile, so that the commit below does not look at it again.
            if not _is_ours(file) or not path.exists():
                continue
            said = {each.record.path: each for each in _read(path, file)}
            records = in_place(paths.root, said.values())
            if records:
                logger.info("%s: %d products are entered", path, len(records))
                eclipses = eclipses_of_products(reader, records)
                with changing(("products",), eclipses) as connection:
                    insert_products(connection, records)
            remove_file(paths.root, path)


def to_settle(paths: "ArchivePaths") -> bool:
    """Return whether there are notes of processes that are gone."""
    return any(_is_abandoned(path) for path in _notes(paths))


def noted_products(paths: "ArchivePaths") -> list[NotedProduct]:
    """Return what all notes say, also those of processes that go on."""
    found: list[NotedProduct] = []
    for path in _notes(paths):
        with suppress(OSError), _open(path) as file:
            found += list(_read(path, file))
    return found


def _notes(paths: "ArchivePaths") -> list[Path]:
    """Return the notes that there are, the oldest first."""
    with suppress(OSError, ArchiveError):
        folder = checked_inside(paths.root, paths.staging)
        found = [each for each in folder.glob(_NAMES) if each.is_file() and not each.is_symlink()]
        return sorted(found, key=lambda each: each.stat().st_mtime_ns)
    return []


def _is_abandoned(path: Path) -> bool:
    with suppress(OSError), _open(path) as file:
        return _is_ours(file)
    return False


def _open(path: Path) -> IO[str]:
    try:
        # To write, which is not done: NFS locks no other files.
        return path.open("r+", encoding="utf-8", errors="replace")
    except FileNotFoundError:
        raise
    except OSError:
        return path.open(encoding="utf-8", errors="replace")


def _is_ours(file: IO[str]) -> bool:
    """Lock a note, if nobody has; its process, where it is killed, has it no more."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:  # a file system without locks
        logger.debug("%s: cannot be locked (%s)", file.name, error)
    return True


def _read(path: Path, file: IO[str]) -> Iterator[NotedProduct]:
    """Yield what a note says."""
    if path.stat().st_size > _MOST_BYTES:
        logger.warning("%s: is no note of gphoton-db, and is left out", path)
        return
    yield from lines_in(file)


def _identity(path: Path) -> tuple[int, ...]:
    found = path.stat()
    return found.st_dev, found.st_ino, found.st_size
