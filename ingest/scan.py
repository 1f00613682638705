"""The first pass over the telemetry: check it, find the stims, park it for the second pass."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gphoton_db.aspect.pointing import Leg
from gphoton_db.errors import TelemetryError
from gphoton_db.ingest.kernels.packing import MAX_SPAN_MS, PARKED_BYTES, park, parked_times
from gphoton_db.ingest.raw6 import Raw6Layout, Raw6Reader, event_times_ms
from gphoton_db.ingest.scratch import Scratch
from gphoton_db.ingest.stims import StimEvents, stims_in_block
from gphoton_db.mission import CentreScale, StimPositions

logger = logging.getLogger(__name__)

_WILD_S = 1e12

TOLERATED_ROUNDING_S = 1e-6
"""Times further than this from a whole millisecond are reported."""


@dataclass(frozen=True, eq=False)
class Telemetry:
    """One eclipse's events after the first pass.

    ``leg_rows`` gives, for each leg, the range of rows whose times lie between its first and last
    aspect; rows outside of all are not part of the observation.  ``rounding_s`` is the largest
    distance of a time from a whole millisecond.  ``warnings`` says what is odd about it.
    """

    scratch: Scratch
    layout: Raw6Layout
    first_ms: int
    last_ms: int
    rounding_s: float
    stims: StimEvents
    leg_rows: tuple[tuple[int, int], ...]
    warnings: tuple[str, ...] = ()

    def read(self, start: int, stop: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return parked events `start` to `stop` and their times, GALEX ms."""
        data = self.scratch.read_bytes(start * PARKED_BYTES, (stop - start) * PARKED_BYTES)
        parked = np.frombuffer(data, np.uint8).reshape(-1, PARKED_BYTES)
        return parked, parked_times(parked, self.first_ms)


class Scan:
    """What the first pass has found so far.

    Parameters
    ----------
    reader : Raw6Reader
        The open file.
    legs : tuple of Leg
        The pointing, for the rows that belong to each leg.
    scratch : Scratch
        Empty; receives the events, nine bytes each.
    """

    def __init__(self, reader: Raw6Reader, legs: tuple[Leg, ...], scratch: Scratch) -> None:
        self._reader = reader
        self._scratch = scratch
        self._edges_ms = np.array(
            [(leg.aspect.time_ms[0], leg.aspect.time_ms[-1]) for leg in legs], np.int64
        )
        self._stims: list[StimEvents] = []
        self._first_ms, self._last_ms, self._rounding_s = 0, 0, 0.0
        self.leg_rows = np.zeros((len(legs), 2), np.int64)
        self.n_rows = self.n_stims = 0

    def add(
        self, rows: NDArray[np.uint8], scale: CentreScale, expected_stims: StimPositions
    ) -> None:
        """Check the next block of rows, find its stims, and park it."""
        reader, first_byte = self._reader, self._reader.layout.first_byte
        t_ms, t = event_times_ms(rows, reader.layout)
        _check_times(reader, t, t_ms, self._last_ms if self.n_rows else None, self.n_rows)
        if not self.n_rows:
            self._first_ms = int(t_ms[0])
        self._last_ms = int(t_ms[-1])
        _check_span(reader, self._first_ms, self._last_ms)
        off = t_ms / 1000.0
        off -= t
        self._rounding_s = max(self._rounding_s, float(off.max()), -float(off.min()))
        self.leg_rows[:, 0] += np.searchsorted(t_ms, self._edges_ms[:, 0], side="left")
        self.leg_rows[:, 1] += np.searchsorted(t_ms, self._edges_ms[:, 1], side="right")
        self._stims.append(stims_in_block(rows, first_byte, t_ms, scale, expected_stims))
        self.n_stims += len(self._stims[-1])
        self._scratch.append(park(rows, first_byte, t_ms, self._first_ms).reshape(-1))
        self.n_rows += len(rows)

    def telemetry(self) -> Telemetry:
        """Return all of it so far."""
        return Telemetry(
            self._scratch,
            self._reader.layout,
            self._first_ms,
            self._last_ms,
            self._rounding_s,
            StimEvents.concatenate(self._stims),
            tuple((int(start), int(stop)) for start, stop in self.leg_rows),
        )


def scan_telemetry(
    reader: Raw6Reader,
    legs: tuple[Leg, ...],
    scale: CentreScale,
    expected_stims: StimPositions,
    scratch: Scratch,
    *,
    on_rows: Callable[[int], None] = lambda rows: None,
    on_scan: Callable[[Scan], None] = lambda scan: None,
) -> Telemetry:
    """Read all telemetry once.

    Parameters
    ----------
    reader, legs, scratch
        As of `Scan`.
    scale, expected_stims
        Constants of the band and eclipse.
    on_rows : callable
        Told how many more rows are done.
    on_scan : callable
        Told after each block what has been found so far.

    Raises
    ------
    TelemetryError
        If a time is not finite or goes backwards, or the file is damaged.
    """
    scan = Scan(reader, legs, scratch)
    for rows in reader.blocks():
        scan.add(rows, scale, expected_stims)
        on_rows(len(rows))
        on_scan(scan)
    found = scan.telemetry()
    return replace(found, warnings=_say_oddities(reader, found.rounding_s))


def _check_span(reader: Raw6Reader, first_ms: int, last_ms: int) -> None:
    if last_ms - first_ms > MAX_SPAN_MS:
        raise TelemetryError(
            f"{reader.path}: its times span {(last_ms - first_ms) / 86_400_000:.0f} days, from "
            f"t = {first_ms / 1000:.3f} to {last_ms / 1000:.3f} s; an eclipse takes half an hour"
        )


def _say_oddities(reader: Raw6Reader, rounding_s: float) -> tuple[str, ...]:
    """Log, and return, what is odd about telemetry, and may be right."""
    odd = []
    if rounding_s > TOLERATED_ROUNDING_S:
        odd.append(
            f"{reader.path}: event times are up to {rounding_s:.1e} s off whole milliseconds and "
            "were rounded to them"
        )
    if nulls := reader.layout.null_columns:
        odd.append(
            f"{reader.path}: its header calls a value of {', '.join(nulls)} missing (TNULL); "
            "all values were taken as telemetry"
        )
    for message in odd:
        logger.warning("%s", message)
    return tuple(odd)


def _check_times(
    reader: Raw6Reader,
    t: NDArray[np.float64],
    t_ms: NDArray[np.int64],
    previous_ms: int | None,
    done: int,
) -> None:
    if not (t.min() > -_WILD_S and t.max() < _WILD_S):  # also where one is NaN
        row = int(np.flatnonzero(~(np.abs(t) < _WILD_S))[0])
        raise TelemetryError(f"{reader.path}: the time of event {done + row} is {t[row]}")
    backwards = t_ms[1:] < t_ms[:-1]
    after_block = previous_ms is not None and t_ms[0] < previous_ms
    if after_block or backwards.any():
        row = 0 if after_block else int(np.flatnonzero(backwards)[0]) + 1
        raise TelemetryError(
            f"{reader.path}: times go backwards at event {done + row} (t = {t[row]:.3f} s); "
            "raw6 telemetry is in time order, so this file is damaged"
        )
