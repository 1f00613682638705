"""Inputs are found, and fetched, by a few threads that run ahead of the reductions, but not far."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress

from gphoton_db.errors import GPhotonError
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.mission import Band, check_eclipse

Obtain = Callable[[int, Band], IngestSources]
"""Finds what the ingest of a band of an eclipse needs, and fetches what is missing; asked by
several threads at once.  What it cannot find is a `GPhotonError`."""

Found = tuple[EclipseBand, IngestSources | GPhotonError | OSError]


class FetchAhead:
    """Finds the inputs of one band after the other.

    Parameters
    ----------
    wanted : iterable of EclipseBand
        In the order in which they are to be found.
    obtain : callable
        Finds them.
    threads : int
        So many at a time.
    ahead : int
        So many may be found, or on their way, before they are taken: what waits on the disk for a
        reduction is bounded.
    wake : callable
        Called when something was found.
    override_limits : bool
        Whether eclipses are fetched, too, that are not reduced by default.
    """

    def __init__(
        self,
        wanted: Iterable[EclipseBand],
        obtain: Obtain,
        *,
        threads: int,
        ahead: int,
        wake: Callable[[], None],
        override_limits: bool,
    ) -> None:
        self._wanted = deque(wanted)
        self._obtain = obtain
        self._ahead = ahead
        self._wake = wake
        self._override_limits = override_limits
        self._asked: queue.SimpleQueue[EclipseBand | None] = queue.SimpleQueue()
        self._found: queue.SimpleQueue[Found] = queue.SimpleQueue()
        self._on_their_way = 0
        self._stopped = False
        # Daemons: who interrupts a run does not wait for its downloads, which are resumed later.
        self._threads = [
            threading.Thread(target=self._work, name=f"fetch-{k}", daemon=True)
            for k in range(threads)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def exhausted(self) -> bool:
        """Whether everything was taken."""
        return not self._wanted and not self._on_their_way

    def take(self, waiting: int) -> list[Found]:
        """Return what was found since the last time, and have more found.

        Parameters
        ----------
        waiting : int
            How many that were taken before wait to be reduced.
        """
        taken = []
        while not self._found.empty():
            taken.append(self._found.get())
            self._on_their_way -= 1
        while self._wanted and self._on_their_way + waiting + len(taken) < self._ahead:
            self._on_their_way += 1
            self._asked.put(self._wanted.popleft())
        return taken

    def stop(self) -> None:
        """Have no more found; what is on its way may still be taken."""
        if self._stopped:
            return
        self._stopped = True
        self._wanted.clear()
        with suppress(queue.Empty):
            while self._asked.get_nowait() is not None:
                self._on_their_way -= 1
        for _ in self._threads:
            self._asked.put(None)

    def _work(self) -> None:
        while (what := self._asked.get()) is not None:
            try:
                check_eclipse(what.eclipse, override_limits=self._override_limits)
                self._found.put((what, self._obtain(what.eclipse, what.band)))
            except (GPhotonError, OSError) as error:
                self._found.put((what, error))
            except Exception as error:  # noqa: BLE001  a fault of the program; the run goes on
                fault = f"a fault of the program: {type(error).__name__}: {error}"
                self._found.put((what, GPhotonError(fault)))
            self._wake()
