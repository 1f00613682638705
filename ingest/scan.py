"""The first pass over the telemetry: check it, find the stims, park it for the second pass."""

import logging
from collections.abc import Callable
from dataclasses import dataclass

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


def scan_telemetry(
    reader: Raw6Reader,
    legs: tuple[Leg, ...],
    scale: CentreScale,
    expected_stims: StimPositions,
    scratch: Scratch,
    *,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> Telemetry:
    """Read all telemetry once.

    Parameters
    ----------
    reader : Raw6Reader
        The open file.
    legs : tuple of Leg
        The pointing, for the rows that belong to each leg.
    scale, expected_stims
        Constants of the band and eclipse.
    scratch : Scratch
        Empty; receives the events, nine bytes each.
    on_rows : callable
        Told how many more rows are done.

    Raises
    ------
    TelemetryError
        If a time is not finite or goes backwards, or the file is damaged.
    """
    edges_ms = np.array([(leg.aspect.time_ms[0], leg.aspect.time_ms[-1]) for leg in legs])
    leg_rows = np.zeros((len(legs), 2), np.int64)
    stims: list[StimEvents] = []
    spans_ms: list[tuple[int, int]] = []
    rounding_s = 0.0
    done = 0
    for rows in reader.blocks():
        t_ms, t = event_times_ms(rows, reader.layout)
        _check_times(reader, t, t_ms, spans_ms[-1][1] if spans_ms else None, done)
        spans_ms.append((int(t_ms[0]), int(t_ms[-1])))
        _check_span(reader, spans_ms[0][0], spans_ms[-1][1])
        rounding_s = max(rounding_s, float(np.abs(t_ms / 1000.0 - t).max()))
        leg_rows[:, 0] += np.searchsorted(t_ms, edges_ms[:, 0], side="left")
        leg_rows[:, 1] += np.searchsorted(t_ms, edges_ms[:, 1], side="right")
        stims.append(stims_in_block(rows, reader.layout.first_byte, t_ms, scale, expected_stims))
        parked = park(rows, reader.layout.first_byte, t_ms, spans_ms[0][0])
        scratch.append(parked.reshape(-1))
        done += len(rows)
        on_rows(len(rows))
    return Telemetry(
        scratch,
        reader.layout,
        spans_ms[0][0],
        spans_ms[-1][1],
        rounding_s,
        StimEvents.concatenate(stims),
        tuple((int(start), int(stop)) for start, stop in leg_rows),
        _say_oddities(reader, rounding_s),
    )


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
    wild = ~(np.abs(t) < 1e12)  # also true of NaN
    if wild.any():
        row = int(np.flatnonzero(wild)[0])
        raise TelemetryError(f"{reader.path}: the time of event {done + row} is {t[row]}")
    backwards = np.diff(t_ms, prepend=t_ms[0] if previous_ms is None else previous_ms) < 0
    if backwards.any():
        row = int(np.flatnonzero(backwards)[0])
        raise TelemetryError(
            f"{reader.path}: times go backwards at event {done + row} (t = {t[row]:.3f} s); "
            "raw6 telemetry is in time order, so this file is damaged"
        )
