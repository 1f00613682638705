"""A folder of Parquet files with the light curves of a list, one for each part of it."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.errors import ProductError
from gphoton_db.products.lightcurves.many import blocks_of
from gphoton_db.products.lightcurves.parts import Part
from gphoton_db.products.marked_folders import mark_folder
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.table_blocks import write_parquet_blocks
from gphoton_db.system.durable import written_beside

FAILED = "_failed.csv"
"""The positions that could not be measured; readers of a folder of Parquet pass over the name."""

_STATE = b"gphoton-db.state"
_NAME = re.compile(r"part-\d{5,}\.parquet")
_LIST = "list.txt"


@dataclass(frozen=True)
class PartFailure:
    """Positions that could not be measured, and why.

    Parameters
    ----------
    part : str
        Name of the part that they are.
    positions : tuple of int
        Their numbers in the list, from 0.
    reason : str
        Why.
    """

    part: str
    positions: tuple[int, ...]
    reason: str


def check_part_folder(folder: Path, whole: str) -> Path:
    """Make the folder, or see that there are light curves of the same list in it.

    Parameters
    ----------
    folder : Path
        The folder.
    whole : str
        What tells the list, and the way in which it is measured, from others.

    Returns
    -------
    Path
        A hidden folder in it, for what is being made.

    Raises
    ------
    ProductError
        If it holds anything else: nothing of it is changed.
    """
    mark = mark_folder(
        folder,
        of="light curves in parts",
        own=lambda name: name == FAILED or _NAME.fullmatch(name) is not None,
    )
    listed = mark / _LIST
    if listed.exists() and listed.read_text(encoding="utf-8") != whole:
        raise ProductError(
            f"{folder} holds light curves of another list, or measured in another way or by "
            "another version: name another folder, or remove this one"
        )
    with written_beside(listed) as temporary:
        temporary.write_text(whole, encoding="utf-8")
    return mark


def path_of(folder: Path, part: str) -> Path:
    """Return the file of a part."""
    return folder / f"{part}.parquet"


def write_part(part: Part, archive: ArchiveReader, folder: Path) -> int:
    """Measure the positions of a part, write its file, and return how many rows it has."""
    plan = part.plan(archive)
    notes = {_STATE: part.state.encode()}
    write_parquet_blocks(blocks_of(archive, plan), path_of(folder, part.name), notes)
    return plan.rows


def keep_complete(folder: Path, parts: Sequence[Part]) -> dict[str, int]:
    """Return the rows of the parts whose files are there, and remove all other files of parts."""
    states = {path_of(folder, part.name): part for part in parts}
    complete: dict[str, int] = {}
    for path in sorted(folder.glob("part-*.parquet")):
        part = states.get(path)
        rows = None if part is None else _rows_of(path, part.state)
        if part is None or rows is None:
            path.unlink()
        else:
            complete[part.name] = rows
    return complete


def _rows_of(path: Path, state: str) -> int | None:
    """Return the number of rows of a file, if it is of this state."""
    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return None
    notes: Mapping[bytes, bytes] = footer.metadata or {}
    return footer.num_rows if notes.get(_STATE) == state.encode() else None


def list_failed(folder: Path, parts: Iterable[Part], failures: Sequence[PartFailure]) -> None:
    """List the positions that could not be measured in a file, which is removed if there are none.

    Its columns ``ra`` and ``dec`` make it a list of positions, too.
    """
    path = folder / FAILED
    if not failures:
        path.unlink(missing_ok=True)
        return
    by_name = {part.name: part for part in parts}
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(("position", "ra", "dec", "reason"))
    for each in failures:
        targets = by_name[each.part].targets
        reason = " ".join(each.reason.split())
        columns = (each.positions, targets.ra.tolist(), targets.dec.tolist())
        rows.writerows((*row, reason) for row in zip(*columns, strict=True))
    with written_beside(path) as temporary:
        temporary.write_text(text.getvalue(), encoding="utf-8")
