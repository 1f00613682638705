"""Telemetry that is reduced while more of it is read, with the stims that were seen so far.

Of what the stims say, before CSP, photons depend on the layers of the distortion cube alone.  A
layer is a hundred times as wide as the separation wavers once a few thousand stims are there.  So
nearly always the chunks that were reduced ahead are those that the whole eclipse gives, to the last
bit; those with another layer are reduced again.
"""

import logging
from concurrent.futures import Executor, Future
from dataclasses import dataclass

import numpy as np

from gphoton_db.aspect.pointing import Leg, Pointing
from gphoton_db.calibration import CalibrationSet
from gphoton_db.ingest.detector import layers_at
from gphoton_db.ingest.kernels.detector import DetectorTables
from gphoton_db.ingest.leg import (
    EclipseReduction,
    Segment,
    chunks_of,
    reduce_chunk,
    whole_chunks_of,
)
from gphoton_db.ingest.scan import Scan, Telemetry
from gphoton_db.ingest.scratch import Scratch
from gphoton_db.ingest.solution import solve_ahead

logger = logging.getLogger(__name__)

Rows = tuple[int, int]
"""First and end of some rows of telemetry."""


@dataclass(frozen=True, eq=False)
class _Started:
    """A chunk that is being reduced, and how."""

    reduction: EclipseReduction
    task: Future[Segment]


class ReducedAhead:
    """The chunks of an eclipse that are reduced while it is read.

    Parameters
    ----------
    executor : Executor
        Whose threads reduce.
    pointing : Pointing
        Of the eclipse.
    loading : Future
        The calibration; nothing is reduced before it is there.
    scratch : Scratch
        Receives the photons.
    """

    def __init__(
        self,
        executor: Executor,
        pointing: Pointing,
        loading: Future[CalibrationSet],
        scratch: Scratch,
    ) -> None:
        self._executor = executor
        self._pointing = pointing
        self._loading = loading
        self._scratch = scratch
        self._solved: tuple[Telemetry, EclipseReduction] | None = None
        self._next_row = [0] * len(pointing.legs)
        self._started: dict[Rows, _Started] = {}

    def note(self, scan: Scan) -> None:
        """Start to reduce the chunks that are there by now.

        The stims are asked again whenever there are twice as many.
        """
        if self._solved is None or scan.n_stims >= 2 * len(self._solved[0].stims):
            telemetry = scan.telemetry()
            reduction = solve_ahead(self._pointing, self._loading, telemetry)
            self._solved = (telemetry, reduction) if reduction else self._solved
        if self._solved is None:
            return
        telemetry, reduction = self._solved
        for number, (start, stop) in enumerate(scan.leg_rows.tolist()):
            for chunk in whole_chunks_of(max(start, self._next_row[number]), stop):
                task = self._submit(telemetry, self._pointing.legs[number], chunk, reduction)
                self._started[chunk] = _Started(reduction, task)
                self._next_row[number] = chunk[1]

    def submit(
        self, telemetry: Telemetry, leg: Leg, rows: Rows, reduction: EclipseReduction
    ) -> list[Future[Segment]]:
        """Return the tasks of a leg once all is read; start those that are new, or to do again.

        Parameters
        ----------
        telemetry : Telemetry
            Of the whole eclipse.
        leg : Leg
            One that has events.
        rows : pair of int
            Its rows of telemetry.
        reduction : EclipseReduction
            That counts.
        """
        tasks, again = [], 0
        for chunk in chunks_of(*rows):
            started = self._started.pop(chunk, None)
            if started and _same(started.reduction.tables, reduction.tables, telemetry, chunk):
                tasks.append(started.task)
                continue
            if started:
                started.task.cancel()
                again += 1
            tasks.append(self._submit(telemetry, leg, chunk, reduction))
        logger.info("leg %d: %d chunks, %d reduced again", leg.number, len(tasks), again)
        return tasks

    def _submit(
        self, telemetry: Telemetry, leg: Leg, chunk: Rows, reduction: EclipseReduction
    ) -> Future[Segment]:
        origin_ms = int(leg.aspect.time_ms[0])
        return self._executor.submit(
            reduce_chunk, telemetry, chunk, reduction, origin_ms, self._scratch
        )


def _same(ours: DetectorTables, others: DetectorTables, telemetry: Telemetry, chunk: Rows) -> bool:
    """Return whether all photons of a chunk have the same layer with one and with the other."""
    ends_ms = np.array([telemetry.read(row, row + 1)[1][0] for row in (chunk[0], chunk[1] - 1)])
    layers = {*layers_at(ours, ends_ms).tolist(), *layers_at(others, ends_ms).tolist()}
    return len(layers) == 1
