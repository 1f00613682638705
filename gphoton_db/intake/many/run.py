"""The run itself: inputs are found ahead, workers reduce, finished bands are committed in groups.

All decisions are made by one thread.  It owns the staging folder of every band that is being
reduced, and with its lock the right to ingest that band: workers only fill folders.  So a worker
may die at any moment, and so may the run: what is in the archive is whole, and what lies in
folders without an owner is removed by whoever comes next.
"""

import logging
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import wait

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.staged import StagedBand
from gphoton_db.errors import ServiceError, UnreachableError
from gphoton_db.ingest.eclipse import ReductionOptions
from gphoton_db.ingest.kernels.examples import GROUPS
from gphoton_db.intake.ingest_band import IngestReport, as_failure, report_of
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.contents import Contents
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.fetch_ahead import FetchAhead, Obtain
from gphoton_db.intake.many.group_commit import Commit, GroupCommit
from gphoton_db.intake.many.interruption import Alarm
from gphoton_db.intake.many.messages import FromWorker, Job, NotReduced, Progressed, Reduced
from gphoton_db.intake.many.report import Watch
from gphoton_db.intake.many.workers import Workers
from gphoton_db.intake.stage import Attempt
from gphoton_db.intake.staging import StagingFolder, claim_staging, remove_abandoned
from gphoton_db.progress import STAGES
from gphoton_db.service import UNREACHABLE
from gphoton_db.system.compiling import compile_ahead

logger = logging.getLogger(__name__)

FETCHERS = 2
"""Bands whose inputs are fetched at a time."""

AHEAD = 3
"""So many bands more than there are workers may have their inputs waiting on the disk."""

LOOK_AGAIN_S = 0.5
"""How often it is looked whether another process has finished a band."""


@dataclass(frozen=True)
class ManyOptions:
    """How a run goes on.

    Parameters
    ----------
    jobs : int
        Reductions at a time, each in a process of its own.
    reduction : ReductionOptions
        Choices of each of them.
    force : bool
        Replace what is in the archive.
    override_limits : bool
        Reduce eclipses, too, that should not be.
    """

    jobs: int
    reduction: ReductionOptions
    force: bool = False
    override_limits: bool = False


class Run:
    """A run over many eclipses; call `go` once.

    Whatever happens, ``ingested``, ``skipped`` and ``failures`` then say what came of it.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    obtain : callable
        Finds, or fetches, what a band needs.
    options : ManyOptions
        Choices.
    watch : Watch
        Told how it goes on.
    """

    def __init__(
        self, catalogue: Catalogue, obtain: Obtain, options: ManyOptions, watch: Watch
    ) -> None:
        self.ingested: list[IngestReport] = []
        self.skipped: list[EclipseBand] = []
        self.failures: list[Failure] = []
        self._catalogue = catalogue
        self._obtain = obtain
        self._options = options
        self._watch = watch
        self._contents = Contents(catalogue)
        self._alarm = Alarm()
        self._commits = GroupCommit(catalogue, self._alarm.set)
        self._workers = Workers(options.jobs)
        self._ready: deque[tuple[EclipseBand, IngestSources]] = deque()
        self._elsewhere: deque[tuple[EclipseBand, IngestSources]] = deque()
        self._look_again_at = 0.0
        self._unanswered: list[UnreachableError] = []
        self._under_way: dict[EclipseBand, tuple[Attempt, StagingFolder]] = {}

    @property
    def attempted(self) -> set[EclipseBand]:
        """What something is known of."""
        done = {EclipseBand(report.eclipse, report.band) for report in self.ingested}
        return done.union(self.skipped, (failure.what for failure in self.failures))

    def go(self, wanted: Sequence[EclipseBand]) -> None:
        """Ingest all of `wanted` that is not in the archive.

        Raises
        ------
        GPhotonError
            If the archive cannot be read or written, or the mission archive cannot be reached; what
            was under way is then in the archive.  A band that cannot be ingested is no error.
        KeyboardInterrupt
            At Ctrl-C, or SIGTERM; what was reduced by then is in the archive.
        """
        try:
            self._run(wanted)
        except OSError as error:
            raise as_failure(error, self._catalogue.paths.root) from error

    def _run(self, wanted: Sequence[EclipseBand]) -> None:
        force = self._options.force
        self.skipped += [] if force else [what for what in wanted if what in self._contents]
        todo = list(dict.fromkeys(wanted)) if force else _without(wanted, self.skipped)
        self._watch.begins(len(todo), self.skipped)
        remove_abandoned(self._catalogue.paths.staging)
        fetching = FetchAhead(
            todo,
            self._obtain,
            threads=FETCHERS,
            ahead=self._options.jobs + AHEAD,
            wake=self._alarm.set,
            override_limits=self._options.override_limits,
        )
        with self._alarm.at_interruptions():
            try:
                if todo:
                    # Once, and not by every worker for itself.
                    compile_ahead(GROUPS, lambda _, done, total: self._watch.compiling(done, total))
                self._workers.warm_up(len(todo))
                while self._step(fetching):
                    if self._alarm.interrupted:
                        raise KeyboardInterrupt
                    if len(self._unanswered) >= UNREACHABLE:
                        fetching.stop()
            except KeyboardInterrupt:
                self._workers.end()
                for commit in self._commits.finish():
                    self._settle(commit)
                raise
            finally:
                fetching.stop()
                self._workers.end()
                self._commits.close()
                for _, folder in self._under_way.values():
                    folder.release()
        if len(self._unanswered) >= UNREACHABLE:
            raise self._unanswered[-1]

    def _step(self, fetching: FetchAhead) -> bool:
        """Do what can be done now, and wait for more to happen; return False at the end."""
        for what, found in fetching.take(len(self._ready)):
            if isinstance(found, IngestSources):
                self._ready.append((what, found))
                self._unanswered.clear()
            else:
                if isinstance(found, UnreachableError):
                    self._unanswered.append(found)
                elif isinstance(found, ServiceError):
                    self._unanswered.clear()  # it did answer
                self._fail(what, str(as_failure(found, self._catalogue.paths.root)))
        self._start_reductions()
        reduced_all = fetching.exhausted and not (self._ready or self._workers.busy)
        commit = self._commits.proceed(at_once=reduced_all)
        if commit is not None:
            self._settle(commit)
        if reduced_all and not (self._elsewhere or self._commits):
            return False
        self._wait()
        for what, message in self._workers.messages():
            self._hear(what, message)
        return True

    def _start_reductions(self) -> None:
        if self._elsewhere and time.monotonic() >= self._look_again_at:
            self._ready += self._elsewhere
            self._elsewhere.clear()
            self._look_again_at = time.monotonic() + LOOK_AGAIN_S
        while self._ready and self._workers.has_room:
            what, sources = self._ready.popleft()
            folder = claim_staging(self._catalogue.paths.staging, what.eclipse, what.band)
            if folder is None:
                logger.info("%s: another process ingests it", what)
                self._elsewhere.append((what, sources))
                continue
            there = what in self._contents
            if there and not self._options.force:
                folder.release()
                self.skipped.append(what)
                self._watch.skipped(what)
                continue
            attempt = Attempt.begin(what.eclipse, what.band).with_sources(sources)
            self._under_way[what] = attempt, folder
            root, options = self._catalogue.paths.root, self._options.reduction
            self._workers.start(what, Job(attempt, sources, folder.path, root, options, there))
            self._watch.reducing(what, STAGES[0], 0, 1)

    def _wait(self) -> None:
        seconds = LOOK_AGAIN_S if self._elsewhere else None
        due = self._commits.due_in()
        if due is not None:
            seconds = due if seconds is None else min(due, seconds)
        wait([*self._workers.connections, self._alarm.fileno()], seconds)
        self._alarm.clear()

    def _hear(self, what: EclipseBand, message: FromWorker) -> None:
        match message:
            case Progressed(stage, done, total):
                self._watch.reducing(what, stage, done, total)
            case Reduced():
                folder = self._under_way[what][1]
                self._commits.add(StagedBand(message.ingested, folder.path))
                self._watch.reduced(what)
            case NotReduced(reason):
                attempt, folder = self._under_way.pop(what)
                folder.release()
                self._fail(what, reason, attempt)

    def _settle(self, commit: Commit) -> None:
        """Take note of a commit that has ended."""
        for band in commit.batch.staged:
            report = report_of(band.ingested)
            what = EclipseBand(report.eclipse, report.band)
            self._under_way.pop(what)[1].release()
            if commit.error is None:
                self.ingested.append(report)
                self._watch.ingested(what, report)
            else:
                self.failures.append(Failure(what.eclipse, what.band, str(commit.error)))
                self._watch.failed(self.failures[-1])
        if commit.error is not None:
            raise commit.error

    def _fail(self, what: EclipseBand, reason: str, attempt: Attempt | None = None) -> None:
        attempt = attempt or Attempt.begin(what.eclipse, what.band)
        self.failures.append(Failure(what.eclipse, what.band, reason))
        self._commits.add_failure(attempt.record("failed", message=reason))
        self._watch.failed(self.failures[-1])


def _without(wanted: Sequence[EclipseBand], skipped: Sequence[EclipseBand]) -> list[EclipseBand]:
    """Return what is left of `wanted`, each once."""
    gone = set(skipped)
    return [what for what in dict.fromkeys(wanted) if what not in gone]
