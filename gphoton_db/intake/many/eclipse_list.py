"""Which bands of which eclipses are asked for: a list, ranges, a file, or standard input."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.aspect.masked_columns import read_columns
from gphoton_db.errors import EclipseListError, GPhotonError
from gphoton_db.mission import Band

LAST_ECLIPSE = 99_999
"""Eclipses have five digits in the names of files."""

STANDARD_INPUT = "-"

_LIST = re.compile(r"\s*\d+\s*(-\s*\d+\s*)?(,\s*\d+\s*(-\s*\d+\s*)?)*,?\s*")
_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?")


@dataclass(frozen=True, order=True)
class EclipseBand:
    """A band of an eclipse."""

    eclipse: int
    band: Band

    def __str__(self) -> str:
        return f"e{self.eclipse:05d} {self.band}"


def read_eclipses(
    source: str | Path, bands: Sequence[Band] = (), *, standard_input: Iterable[str] = ()
) -> tuple[EclipseBand, ...]:
    """Return what is asked for, each once, in the order in which it is named first.

    Parameters
    ----------
    source : str or Path
        ``23456``, ``23400-23500,23600``, ``-`` (standard input), or a file: one such entry a line
        (``#`` starts a comment), or CSV or Parquet with a column ``eclipse`` and, if need be, one
        called ``band``.
    bands : sequence of Band
        Taken where the file names none.
    standard_input : iterable of str
        Lines, for ``-``.

    Raises
    ------
    EclipseListError
        If the file cannot be read, a line of it is not valid, no band is named, or nothing is
        asked for.
    """
    text = str(source)
    if not text.strip(" ,"):
        raise EclipseListError("the list of eclipses is empty")
    if text == STANDARD_INPUT:
        wanted = _from_lines("standard input", standard_input, bands)
    elif not isinstance(source, Path) and _LIST.fullmatch(text):
        wanted = _from_lines("eclipses", [text], bands)
    elif text.lower().endswith(".parquet"):
        wanted = _from_parquet(Path(source).expanduser(), bands)
    else:
        path = Path(source).expanduser()
        wanted = _from_lines(str(path), _lines_of(path), bands)
    found = tuple(dict.fromkeys(wanted))
    if not found:
        raise EclipseListError(f"{text}: names no eclipse")
    return found


def eclipse_bands(
    values: Iterable[int | tuple[int, str | Band]], bands: Sequence[Band]
) -> tuple[EclipseBand, ...]:
    """Return what numbers, or pairs of a number and a band, ask for.

    Raises
    ------
    EclipseListError
        If one is no eclipse, or has no band.
    """
    wanted: list[EclipseBand] = []
    for value in values:
        number, band = value if isinstance(value, tuple) else (value, "")
        wanted += _entries(str(number), str(band), bands)
    return tuple(dict.fromkeys(wanted))


def eclipse_pairs(wanted: Iterable[EclipseBand]) -> list[tuple[int, str | Band]]:
    """Return what is asked for as pairs of a number and a band."""
    return [(each.eclipse, each.band) for each in wanted]


def _from_lines(name: str, lines: Iterable[str], bands: Sequence[Band]) -> list[EclipseBand]:
    rows = csv.reader(line if not line.lstrip().startswith("#") else "\n" for line in lines)
    header: dict[str, int] | None = None
    wanted: list[EclipseBand] = []
    bad: list[str] = []
    for row in rows:
        cells = [cell.strip() for cell in row]
        if header is None and "eclipse" in [cell.lower() for cell in cells]:
            header = {cell.lower(): k for k, cell in enumerate(cells)}
            continue
        try:
            if header is None:
                wanted += _entries(",".join(cells).partition("#")[0], "", bands)
            elif any(cells):
                eclipse = _cell(cells, header, "eclipse") or "(nothing)"
                wanted += _entries(eclipse, _cell(cells, header, "band"), bands)
        except GPhotonError as error:
            bad.append(f"{name}, line {rows.line_num}: {error}")
    _refuse(bad)
    return wanted


def _from_parquet(path: Path, bands: Sequence[Band]) -> list[EclipseBand]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        names = pq.read_schema(path).names
        if "eclipse" not in names:
            raise EclipseListError(f"{path}: has no column eclipse")
        columns = [name for name in ("eclipse", "band") if name in names]
        table = read_columns(path, columns)
    except (OSError, pa.ArrowException) as error:
        raise EclipseListError(f"{path}: cannot be read ({error})") from None
    wanted: list[EclipseBand] = []
    bad: list[str] = []
    for number, row in enumerate(table.to_pylist(), start=1):
        try:
            wanted += _entries(str(row["eclipse"]), str(row.get("band") or ""), bands)
        except GPhotonError as error:
            bad.append(f"{path}, row {number}: {error}")
    _refuse(bad)
    return wanted


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise EclipseListError(
            f"{path}: cannot be read ({reason}); eclipses are given as 23456, as 23400-23500, as "
            "a list of those with commas, or as a file of them"
        ) from None


def _refuse(bad: list[str]) -> None:
    if bad:
        more = f" (and {len(bad) - 1} more such lines)" if len(bad) > 1 else ""
        raise EclipseListError(bad[0] + more)


def _cell(cells: Sequence[str], header: dict[str, int], name: str) -> str:
    at = header.get(name, len(cells))
    return cells[at] if at < len(cells) else ""


def _entries(text: str, band: str, bands: Sequence[Band]) -> Iterator[EclipseBand]:
    """Yield what one line asks for: eclipses by number, range or list, each in its bands."""
    chosen = [Band.parse(band)] if band else bands
    for entry in text.split(","):
        if not entry.strip():
            continue
        found = _RANGE.fullmatch(entry.strip())
        if not found:
            raise EclipseListError(f"{entry.strip()!r} is no eclipse and no range of eclipses")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= LAST_ECLIPSE:
            raise EclipseListError(
                f"{entry.strip()!r}: eclipses go from 1 to {LAST_ECLIPSE}, in this order"
            )
        if not chosen:
            raise EclipseListError(f"{entry.strip()!r} comes without a band: say which (--bands)")
        yield from (EclipseBand(n, each) for n in range(first, last + 1) for each in chosen)
