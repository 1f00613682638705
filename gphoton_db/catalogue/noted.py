"""Lines of notes of products: written by us, and read as what a stranger may have written.

An archive may be a stranger's, and its notes are entered by whoever opens it.  So a line that is
none of ours is left out, and no file outside of the archive is read because a line names it.
"""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

from gphoton_db.catalogue.records import ProductRecord
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.system.inside import inside

logger = logging.getLogger(__name__)

MOST_READ = 2**34
"""Bytes of files in an archive that are read to compare them with one note."""

_SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)

Identity = tuple[int, ...]


@dataclass(frozen=True)
class NotedProduct:
    """What a line of a note says.

    Parameters
    ----------
    record : ProductRecord
        The row of the catalogue.
    file : tuple of int, optional
        `identity_of` the finished file, which moving it leaves as it is; None: not noted.
    """

    record: ProductRecord
    file: Identity | None = None


def identity_of(path: Path) -> Identity:
    """Return what tells a file from another one of its name: inode, size and time (ns).

    Raises
    ------
    OSError
        If there is none.
    """
    state = path.stat()
    return state.st_ino, state.st_size, state.st_mtime_ns


def line_of(noted: NotedProduct) -> str:
    """Return a line of a note, without its end."""
    fields = {**asdict(noted.record), "made_at": str(noted.record.made_at)}
    return json.dumps(fields | {"file": noted.file})


def lines_in(file: IO[str]) -> Iterator[NotedProduct]:
    """Yield what a note says; what its process had not completed, or is no line, is left out."""
    for line in file:
        try:
            yield _noted(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            logger.debug("%s: a line is no product, and is left out", file.name)


def in_place(root: Path, noted: Iterable[NotedProduct]) -> list[ProductRecord]:
    """Return the products whose files are those that the lines say.

    A file that moved to its place is known by its identity.  Only in the archive itself are files
    compared by their content: it may have been copied since.
    """
    found, left = [], MOST_READ
    for each in noted:
        path = _place(root, each.record)
        if path is None:
            continue
        if _is_same(path, each):
            found.append(each.record)
        elif not Path(each.record.path).is_absolute() and each.record.size_bytes <= left:
            left -= each.record.size_bytes
            if _has_content(path, each.record):
                found.append(each.record)
    return found


def _place(root: Path, record: ProductRecord) -> Path | None:
    """Return where a product is, if there is a file of its size."""
    try:
        path = Path(record.path)
        path = path if path.is_absolute() else inside(root, record.path)
        return path if path.is_file() and path.stat().st_size == record.size_bytes else None
    except (ArchiveError, OSError, ValueError):
        return None


def _is_same(path: Path, noted: NotedProduct) -> bool:
    try:
        return noted.file is not None and identity_of(path) == noted.file
    except OSError:
        return False


def _has_content(path: Path, record: ProductRecord) -> bool:
    from gphoton_db.catalogue.segment_files import digest_of

    try:
        return digest_of(path) == record.sha256
    except OSError:
        return False


def _noted(fields: dict[str, Any]) -> NotedProduct:
    """Return what a line says.

    Raises
    ------
    ValueError, TypeError, KeyError, AttributeError, RecursionError
        If it is no line of ours.
    """
    file = fields.pop("file", None)
    fields["made_at"] = datetime.fromisoformat(fields["made_at"])
    record = ProductRecord(**fields)
    _check(record)
    if file is not None:
        file = tuple(map(_whole, file))
    return NotedProduct(record, file)


def _check(record: ProductRecord) -> None:
    """Refuse a record with values that the catalogue's table, or whoever shows it, cannot take."""
    path = PurePosixPath(record.path)
    texts = [record.path, record.kind, record.software_version]
    texts += [] if record.calibration is None else [record.calibration]
    right = (
        all(text.isprintable() for text in texts)
        and path.as_posix() == record.path  # one name for one file
        and ".." not in path.parts
        and (record.band is None or record.band in tuple(Band))
        and _SHA256.fullmatch(record.sha256) is not None
        and record.made_at.tzinfo is None
    )
    numbers = [n for n in (record.eclipse, record.leg) if n is not None]
    if not right or any(_whole(number) >= 2**31 for number in numbers):
        raise ValueError(record)
    _whole(record.size_bytes)
    parameters = json.loads(record.parameters, parse_constant=_no_number)
    json.dumps(parameters, ensure_ascii=False).encode()  # half a character is none


def _whole(value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**63:
        raise ValueError(value)
    return value


def _no_number(text: str) -> None:
    raise ValueError(text)
