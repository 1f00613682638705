"""Reading raw6 telemetry: the FITS header, and the table as a stream of blocks of rows.

The file is read once, front to back, through a fast decompressor (ISA-L) that runs in a thread of
its own, a few blocks ahead of whoever consumes them; nothing here ever holds the whole table.
"""

import math
import queue
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
from isal import igzip, isal_zlib
from numpy.typing import NDArray

from gphoton_db.errors import TelemetryError
from gphoton_db.mission import Band
from gphoton_db.system.fits_cards import read_header
from gphoton_db.system.fits_sizes import ends_header

BLOCK_ROWS = 1 << 18
"""Rows in a block: 3.7 MB of telemetry."""

_FITS_BLOCK = 2880
_MOST_HEADER_BLOCKS, _MOST_AXES = 1000, 999
_MOST_ROW_BYTES = 256  # of raw6: 14
_DAMAGED = cast(type[Exception], isal_zlib.error)
_PACKED_COLUMNS = ("phb1", "phb2", "phb3", "phb4", "phb5")
_BLOCKS_AHEAD = 4


@dataclass(frozen=True)
class Raw6Layout:
    """Where things stand in a raw6 table.

    ``time_byte`` and ``first_byte`` are the offsets of ``t`` (big-endian float64, s) and
    ``phb1`` in a row of ``row_bytes`` bytes.  ``null_columns`` names the columns whose header
    calls a value missing (TNULL); all values are events all the same.
    """

    n_rows: int
    row_bytes: int
    time_byte: int
    first_byte: int
    null_columns: tuple[str, ...] = ()


class Raw6Reader:
    """One open raw6 file; iterate `blocks` once."""

    def __init__(self, path: Path, stream: BinaryIO, layout: Raw6Layout) -> None:
        self.path = path
        self.layout = layout
        self._stream = stream

    @property
    def end_byte(self) -> int:
        """Where the table must end in the unpacked file; to be asked before `blocks`."""
        return self._stream.tell() + self.layout.n_rows * self.layout.row_bytes

    def blocks(self) -> Iterator[NDArray[np.uint8]]:
        """Yield the table's rows as (n, row_bytes) uint8 arrays, read ahead in a thread.

        Raises
        ------
        TelemetryError
            If the file ends early, goes on behind the table that its header announces, or its
            compression is damaged.
        """
        ahead: queue.Queue[NDArray[np.uint8] | Exception | None] = queue.Queue(_BLOCKS_AHEAD)
        abandoned = threading.Event()

        def put(item: NDArray[np.uint8] | Exception | None) -> bool:
            while not abandoned.is_set():
                try:
                    ahead.put(item, timeout=0.1)
                except queue.Full:
                    continue
                return True
            return False

        def read_ahead() -> None:
            try:
                for block in self._read_blocks():
                    if not put(block):
                        return
                put(None)
            except Exception as error:  # noqa: BLE001  handed to the consumer, which raises it
                put(error)

        reader = threading.Thread(target=read_ahead, name="raw6-reader", daemon=True)
        reader.start()
        try:
            while (item := ahead.get()) is not None:
                if isinstance(item, Exception):
                    raise item
                yield item
        finally:
            abandoned.set()
            reader.join()

    def _read_blocks(self) -> Iterator[NDArray[np.uint8]]:
        layout = self.layout
        done = 0
        while done < layout.n_rows:
            n = min(BLOCK_ROWS, layout.n_rows - done)
            block = np.empty((n, layout.row_bytes), np.uint8)
            got = _read_into(self.path, self._stream, block.reshape(-1).data)
            if got < block.nbytes:
                raise TelemetryError(
                    f"{self.path}: truncated: {done + got // layout.row_bytes} of "
                    f"{layout.n_rows} events are there; fetch the file again"
                )
            done += n
            yield block
        self._check_end()

    def _check_end(self) -> None:
        """Read on to the end: there are no more events, and the decompressor compares the checksum.

        Behind the table are zeros up to the end of its block, and then another HDU, or nothing.
        """
        layout, buffer = self.layout, bytearray(1 << 16)
        padding = -layout.n_rows * layout.row_bytes % _FITS_BLOCK
        got = _read_into(self.path, self._stream, memoryview(buffer)[:padding])
        more = buffer.count(0, 0, got) < got
        got = _read_into(self.path, self._stream, memoryview(buffer))
        another = buffer.startswith(b"XTENSION=")
        while got and not more:
            more = not another and buffer.count(0, 0, got) < got
            got = _read_into(self.path, self._stream, memoryview(buffer))
        if more:
            raise TelemetryError(
                f"{self.path}: its header announces {layout.n_rows} events (NAXIS2), and there is "
                "more data behind them, so events would be lost; fetch the file again"
            )


@contextmanager
def open_raw6(path: str | Path, eclipse: int, band: Band) -> Iterator[Raw6Reader]:
    """Open a raw6 file, plain or gzipped, and check that it is the one asked for.

    Raises
    ------
    TelemetryError
        If the file is missing, not FITS, not raw6, empty, damaged, or of another eclipse or
        band than asked for.
    """
    path = Path(path)
    try:
        plain = path.open("rb")
    except OSError as error:
        raise TelemetryError(f"{path}: cannot be opened ({error.strerror})") from None
    with plain:
        compressed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        stream = cast(BinaryIO, igzip.open(plain, "rb")) if compressed else plain
        try:
            primary = _read_header(path, stream)
            _check_identity(path, primary, eclipse, band)
            _skip_data(path, stream, primary)
            layout = _layout(path, _read_header(path, stream))
        except (TypeError, ValueError, OverflowError) as error:
            raise TelemetryError(f"{path}: damaged FITS header ({error}); fetch it again") from None
        yield Raw6Reader(path, stream, layout)


def event_times_ms(
    rows: NDArray[np.uint8], layout: Raw6Layout
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the times of a block of rows: rounded to ms, and as they stand in the file (s).

    Telemetry ticks every 5 ms.  All processing uses the integers, so that comparisons with
    other times (legs, aspect, bins) are exact; times that are not finite come out arbitrary.
    """
    rows = np.ascontiguousarray(rows)
    times = np.ndarray(len(rows), ">f8", rows, layout.time_byte, rows.strides[:1])
    t = times.astype(np.float64)
    with np.errstate(invalid="ignore"):
        t_ms = t * 1000.0
        return np.rint(t_ms, out=t_ms).astype(np.int64), t


def _read_into(path: Path, stream: BinaryIO, view: memoryview) -> int:
    """Fill `view` from the stream as far as it goes; return the bytes read."""
    got = 0
    try:
        while got < len(view):
            n = stream.readinto(view[got:])  # type: ignore[attr-defined]
            if not n:
                break
            got += n
    except (EOFError, OSError, _DAMAGED) as error:
        raise TelemetryError(f"{path}: damaged gzip data ({error}); fetch it again") from None
    return got


def _read_header(path: Path, stream: BinaryIO) -> Mapping[str, Any]:
    """Read one FITS header, block by block, up to and including its END."""
    text = bytearray()
    for _ in range(_MOST_HEADER_BLOCKS):
        block = bytearray(_FITS_BLOCK)
        got = _read_into(path, stream, memoryview(block))
        starts_right = text or block.startswith((b"SIMPLE  =", b"XTENSION="))
        if got < _FITS_BLOCK or not starts_right or not block.isascii():
            raise TelemetryError(f"{path}: not a raw6 file (no FITS header where one must be)")
        text += block
        if ends_header(block):
            return read_header(text.decode("ascii"))
    raise TelemetryError(f"{path}: not a raw6 file (its header does not end)")


def _skip_data(path: Path, stream: BinaryIO, header: Mapping[str, Any]) -> None:
    n_axes = min(int(header.get("NAXIS", 0)), _MOST_AXES)
    axes = [int(header.get(f"NAXIS{k + 1}", 0)) for k in range(n_axes)]
    size = abs(int(header.get("BITPIX", 8))) // 8 * math.prod(axes) if axes else 0
    buffer = memoryview(bytearray(_FITS_BLOCK))
    for _ in range(-(-size // _FITS_BLOCK)):
        if not _read_into(path, stream, buffer):
            return  # whatever the header says, there is no more


def _check_identity(path: Path, header: Mapping[str, Any], eclipse: int, band: Band) -> None:
    if "ECLIPSE" not in header or "BAND" not in header:
        raise TelemetryError(f"{path}: not a raw6 file (its header lacks ECLIPSE or BAND)")
    if header["ECLIPSE"] != eclipse:
        raise TelemetryError(
            f"{path}: holds eclipse {header['ECLIPSE']}, but {eclipse} was asked for"
        )
    if header["BAND"] != band.header_code:
        held = {b.header_code: b.value for b in Band}.get(header["BAND"], header["BAND"])
        raise TelemetryError(f"{path}: holds band {held}, but {band} was asked for")


def _layout(path: Path, header: Mapping[str, Any]) -> Raw6Layout:
    if str(header.get("XTENSION", "")).strip() != "BINTABLE":
        raise TelemetryError(f"{path}: not a raw6 file (HDU 1 is not a binary table)")
    offsets: dict[str, int] = {}
    at = 0
    for k in range(1, int(header.get("TFIELDS", 0)) + 1):
        form = str(header.get(f"TFORM{k}", "")).strip()
        size = {"D": 8, "1D": 8, "B": 1, "1B": 1}.get(form)
        if size is None:
            raise TelemetryError(f"{path}: not a raw6 file (column {k} has the form {form!r})")
        offsets[str(header.get(f"TTYPE{k}", "")).strip().lower()] = at
        at += size
    missing = [name for name in ("t", *_PACKED_COLUMNS) if name not in offsets]
    if missing:
        raise TelemetryError(f"{path}: not a raw6 file (no column {', '.join(missing)})")
    first = offsets["phb1"]
    in_place = [offsets[c] - first for c in _PACKED_COLUMNS] == list(range(5))
    if at != header.get("NAXIS1") or at > _MOST_ROW_BYTES or not in_place:
        raise TelemetryError(f"{path}: not a raw6 file (unexpected column layout)")
    n_rows = int(header.get("NAXIS2", 0))
    if n_rows < 1:
        raise TelemetryError(f"{path}: holds no events")
    nulls = _check_scaling(path, header)
    return Raw6Layout(n_rows, at, offsets["t"], first, nulls)


def _check_scaling(path: Path, header: Mapping[str, Any]) -> tuple[str, ...]:
    """Refuse columns whose values stand for others; return those that have a missing value."""
    nulls = []
    for k in range(1, int(header["TFIELDS"]) + 1):
        name = str(header.get(f"TTYPE{k}", "")).strip().lower()
        if name not in ("t", *_PACKED_COLUMNS):
            continue
        for keyword, plain in ((f"TSCAL{k}", 1.0), (f"TZERO{k}", 0.0)):
            if float(header.get(keyword, plain)) != plain:
                raise TelemetryError(
                    f"{path}: {keyword} = {header[keyword]} gives column {name} another meaning; "
                    "raw6 telemetry is not scaled, so its header is damaged; fetch it again"
                )
        if f"TNULL{k}" in header:
            nulls.append(name)
    return tuple(nulls)
