"""Verdicts from sheets into the archive, for the view of that name."""

import csv
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from gphoton_db.errors import ProductError
from gphoton_db.mission import Band
from gphoton_db.products.objects.keep import store_survey
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.schemas import VERDICTS

logger = logging.getLogger(__name__)

KINDS = ("real", "artifact", "unsure")
COLUMNS = tuple(VERDICTS.names)
KEY = ("source_id", "eclipse", "leg", "band")

Row = dict[str, Any]


@dataclass(frozen=True)
class ReadVerdicts:
    """What was read of a file.

    Parameters
    ----------
    n_read : int
        Rows with a verdict or a note.
    n_new, n_changed : int
        Those of candidates that had none, and that had others.
    n_kept : int
        Verdicts of the archive now.
    """

    n_read: int
    n_new: int
    n_changed: int
    n_kept: int


def read_verdicts(archive: ArchiveReader, path: str | Path) -> ReadVerdicts:
    """Put the verdicts of a CSV file of a sheet into the archive; see `Archive.read_verdicts`.

    Raises
    ------
    ProductError
        If the file cannot be read, or a row is none of a sheet's; nothing is changed then.
    """
    file = Path(path).expanduser()
    given = _rows_in(file)
    stored = archive.arrow("FROM verdicts").to_pylist()
    before = archive.rows("SELECT path FROM survey_files WHERE kind = 'verdicts'")
    kept = {_key(row): row for row in stored}
    n_new = sum(_key(row) not in kept for row in given)
    n_changed = sum(_key(row) in kept and kept[_key(row)] != row for row in given)
    kept |= {_key(row): row for row in given}
    rows = sorted(kept.values(), key=lambda row: tuple(str(row[name]) for name in KEY))
    if n_new or n_changed:
        table = pa.Table.from_pylist(rows, schema=VERDICTS)
        based_on = {"verdicts": before[0]["path"] if before else None}
        store_survey(archive.catalogue, [("verdicts", table, {"file": file.name})], based_on)
    return ReadVerdicts(len(given), n_new, n_changed, len(rows))


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _rows_in(file: Path) -> list[Row]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            reader = csv.DictReader(opened)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or ())]
            if missing:
                raise ProductError(
                    f"{file}: has no column {', '.join(missing)}: give the CSV file that a sheet "
                    "of `gphoton-db qa` exported"
                )
            rows = [_row(file, number, row) for number, row in enumerate(reader, start=2)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ProductError(f"{file}: cannot be read ({error})") from None
    judged = [row for row in rows if row["verdict"] or row["note"]]
    return list({_key(row): row for row in judged}.values())


def _row(file: Path, number: int, text: Mapping[str, Any]) -> Row:
    wrong = f"{file}, line {number}"
    if None in text or None in text.values():
        # A comma more or less moves what follows it: a note would be cut, or taken for a time.
        raise ProductError(f"{wrong}: has more or fewer values than there are columns")
    row: Row = {name: text[name].strip() or None for name in COLUMNS}
    if row["source_id"] is None:
        raise ProductError(f"{wrong}: has no source_id")
    if row["verdict"] not in (*KINDS, None):
        raise ProductError(f"{wrong}: {row['verdict']!r} is no verdict: it is {', '.join(KINDS)}")
    if row["band"] is not None and row["band"] not in [str(band) for band in Band]:
        raise ProductError(f"{wrong}: {row['band']!r} is no band: it is NUV or FUV")
    return row | _place(wrong, row)


def _place(wrong: str, row: Row) -> Row:
    """Return position, eclipse and leg of a row as numbers."""
    place: Row = {}
    try:
        for name in ("ra", "dec"):
            place[name] = float(row[name])
        for name in ("eclipse", "leg"):
            place[name] = int(row[name])
    except (TypeError, ValueError):
        raise ProductError(f"{wrong}: {name} = {row[name]!r} is no number") from None
    if not (-180 <= place["ra"] <= 360 and -90 <= place["dec"] <= 90):
        raise ProductError(f"{wrong}: has no position in degrees")
    for name in ("eclipse", "leg"):
        if not 0 <= place[name] < 2**31:
            raise ProductError(f"{wrong}: there is no {name} {place[name]}")
    return place
