"""The run itself: inputs are found ahead, workers reduce, what is finished is committed in groups.

All decisions are made by one thread.  It owns the staging folder of every band that is being
worked on, and with its lock the right to do so: workers only fill folders.  So a worker may die at
any moment, and so may the run: what is in the archive is whole, and what lies in folders without
an owner is removed by whoever comes next.
"""

from collections.abc import Sequence
from multiprocessing.connection import wait

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.staged import StagedBand
from gphoton_db.errors import ClusterError, ServiceError, UnreachableError
from gphoton_db.intake.ingest_band import IngestReport, as_failure, report_of
from gphoton_db.intake.inputs import IngestSources
from gphoton_db.intake.many.contents import Contents
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.executor import Executor
from gphoton_db.intake.many.failed_list import Failure
from gphoton_db.intake.many.fetch_ahead import FetchAhead, Obtain
from gphoton_db.intake.many.group_commit import Commit, GroupCommit
from gphoton_db.intake.many.ingest_job import IngestJob
from gphoton_db.intake.many.interruption import Alarm
from gphoton_db.intake.many.messages import Ended, FromWorker, Progressed, Result
from gphoton_db.intake.many.options import Following, ManyOptions
from gphoton_db.intake.many.report import Watch
from gphoton_db.intake.many.todo import sort_out
from gphoton_db.intake.many.under_way import UnderWay, not_begun
from gphoton_db.intake.many.waiting import LOOK_AGAIN_S, Waiting
from gphoton_db.intake.stage import Attempt
from gphoton_db.intake.staging import claim_staging, remove_abandoned
from gphoton_db.progress import COMPILING, STAGES
from gphoton_db.service import UNREACHABLE

FETCHERS = 2
"""Bands whose inputs are fetched at a time."""

AHEAD = 3
"""So many bands more than there are workers may have their inputs waiting on the disk."""


class Run:
    """A run over many eclipses; call `go` once.

    Whatever happens, ``ingested``, ``done``, ``skipped`` and ``failures`` then say what came of
    it.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    obtain : callable
        Finds, or fetches, what a band needs.
    options : ManyOptions
        Choices.
    executor : Executor
        Has the jobs done.
    watch : Watch
        Told how it goes on.
    then : Following, optional
        What is made of each band once it is in the archive.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        obtain: Obtain,
        options: ManyOptions,
        executor: Executor[EclipseBand],
        watch: Watch,
        then: Following | None = None,
    ) -> None:
        self.ingested: list[IngestReport] = []
        self.done: list[EclipseBand] = []
        self.skipped: list[EclipseBand] = []
        self.failures: list[Failure] = []
        self._catalogue = catalogue
        self._obtain = obtain
        self._options = options
        self._watch = watch
        self._then = then
        self._contents = Contents(catalogue)
        self._alarm = Alarm()
        self._commits = GroupCommit(catalogue, self._alarm.set)
        self._workers = executor
        self._waiting, self._unanswered = Waiting(), list[UnreachableError]()
        self._to_ingest: set[EclipseBand] = set()
        self._under_way: dict[EclipseBand, UnderWay] = {}

    @property
    def attempted(self) -> set[EclipseBand]:
        """What something is known of."""
        return {*self.done, *self.skipped, *(failure.what for failure in self.failures)}

    def go(self, wanted: Sequence[EclipseBand]) -> None:
        """Do with all of `wanted` what is not done.

        Raises
        ------
        GPhotonError
            If the archive cannot be read or written, or the mission archive or the cluster cannot
            be reached; what was finished is then in the archive.  A band that cannot be ingested
            is no error.
        KeyboardInterrupt
            At Ctrl-C, or SIGTERM; what was finished by then is in the archive.
        """
        try:
            self._run(wanted)
        except OSError as error:
            raise as_failure(error, self._catalogue.paths.root) from error

    def _run(self, wanted: Sequence[EclipseBand]) -> None:
        todo = sort_out(wanted, self._contents, self._options, self._then)
        self._waiting.add_there(todo.there)
        self._to_ingest.update(todo.ingest)
        self.skipped += todo.skipped
        self._watch.begins(todo.number, todo.skipped)
        remove_abandoned(self._catalogue.paths.staging)
        fetching = FetchAhead(
            todo.ingest,
            self._obtain,
            threads=FETCHERS,
            ahead=self._workers.number + AHEAD,
            wake=self._alarm.set,
            override_limits=self._options.ingest.override_limits,
        )
        with self._alarm.at_interruptions():
            try:
                if todo.number:
                    tell = self._watch.compiling
                    self._workers.prepare(todo.groups(self._then), lambda _, *n: tell(*n))
                self._workers.warm_up(todo.number)
                while self._step(fetching):
                    if self._alarm.interrupted:
                        raise KeyboardInterrupt
                    if len(self._unanswered) >= UNREACHABLE:
                        fetching.stop()
                        self._to_ingest.clear()  # nothing waits for what does not come
            except (KeyboardInterrupt, ClusterError):
                self._workers.end()
                for commit in self._commits.finish():
                    self._settle(commit)
                raise
            finally:
                fetching.stop()
                self._workers.end()
                self._commits.close()
                for under_way in self._under_way.values():
                    under_way.folder.release()
        if len(self._unanswered) >= UNREACHABLE:
            raise self._unanswered[-1]

    def _step(self, fetching: FetchAhead) -> bool:
        """Do what can be done now, and wait for more to happen; return False at the end."""
        for what, found in fetching.take(self._waiting.n_found):
            if isinstance(found, IngestSources):
                self._waiting.add_found(what, found)
                self._unanswered.clear()
            else:
                if isinstance(found, UnreachableError):
                    self._unanswered.append(found)
                elif isinstance(found, ServiceError):
                    self._unanswered.clear()  # it did answer
                reason = str(as_failure(found, self._catalogue.paths.root))
                self._fail(what, reason, Attempt.begin(what.eclipse, what.band))
        self._start_jobs()
        idle = fetching.exhausted and not (self._waiting or self._workers.busy)
        # A worker has nothing to do, and could make something of what is to be committed.
        hungry = bool(self._then) and self._workers.has_room and self._commits.holds_bands
        commit = self._commits.proceed(at_once=idle or hungry)
        if commit is not None:
            self._settle(commit)
            return True
        if idle and not (self._waiting.elsewhere or self._commits):
            return False
        self._wait()
        for what, message in self._workers.messages():
            self._hear(what, message)
        return True

    def _start_jobs(self) -> None:
        self._waiting.look_again()
        while self._waiting and self._workers.has_room:
            at_work = {each.eclipse for each, ours in self._under_way.items() if ours.at_work}
            what, sources = self._waiting.next(at_work)
            if sources is None and self._then and self._to_ingest & self._then.needs(what):
                self._waiting.add_elsewhere(what, None)
            elif what in self._under_way:
                self._make(what)
            else:
                self._begin(what, sources)

    def _begin(self, what: EclipseBand, sources: IngestSources | None) -> None:
        """Have a worker begin with a band; without sources, with what is made of it."""
        folder = claim_staging(self._catalogue.paths.staging, what.eclipse, what.band)
        if folder is None:
            reason = self._waiting.add_held(what, sources, self._catalogue.paths.staging)
            if reason is not None:
                attempt = Attempt.begin(what.eclipse, what.band) if sources else None
                self._fail(what, reason, attempt)
            return
        attempt = Attempt.begin(what.eclipse, what.band)
        self._under_way[what] = UnderWay(attempt, folder)
        there = what in self._contents
        if sources is not None and (self._options.ingest.force or not there):
            self._under_way[what].attempt = attempt = attempt.with_sources(sources)
            left = not_begun(self._to_ingest, self._under_way) + 1
            options = self._options.reduction(self._workers.threads(left))
            root = self._catalogue.paths.root
            job = IngestJob(attempt, sources, folder.path, root, options, there)
            self._workers.start(what, job)
            self._watch.reducing(what, STAGES[0], 0, 1)
            return
        self._to_ingest.discard(what)
        if self._then is None or what in self._then.complete([what]):
            self._under_way.pop(what).folder.release()
            self.skipped.append(what)
            self._watch.skipped(what)
        else:
            self._make(what)

    def _make(self, what: EclipseBand) -> None:
        """Have a worker make something of a band that is in the archive, and ours."""
        assert self._then is not None
        under_way = self._under_way[what]
        under_way.makes = under_way.at_work = True
        self._workers.start(what, self._then.job(what, under_way.folder.path))
        self._watch.making(what, STAGES[0], 0, 1)

    def _wait(self) -> None:
        seconds = LOOK_AGAIN_S if self._waiting.elsewhere else None
        due = self._commits.due_in()
        if due is not None:
            seconds = due if seconds is None else min(due, seconds)
        wait([*self._workers.connections, self._alarm.fileno()], seconds)
        self._alarm.clear()

    def _hear(self, what: EclipseBand, message: FromWorker) -> None:
        under_way = self._under_way[what]
        match message:
            case Progressed(stage, done, total) if stage == COMPILING:  # by a worker elsewhere
                self._watch.compiling(done, total)
            case Progressed(stage, done, total):
                tell = self._watch.making if under_way.makes else self._watch.reducing
                tell(what, stage, done, total)
            case Result():
                under_way.uncommitted += 1
                self._commits.add(what, message)
            case Ended(reason):
                under_way.at_work, under_way.reason = False, reason
                if reason is None and not under_way.makes:
                    self._watch.reduced(what)
                self._proceed(what)

    def _settle(self, commit: Commit) -> None:
        """Take note of a commit that has ended."""
        for what, result in commit.batch.results:
            if commit.error is not None:
                self._give_up(what, str(commit.error))
                continue
            self._under_way[what].uncommitted -= 1
            if isinstance(result.staged, StagedBand):
                self._to_ingest.discard(what)
                report = report_of(result.staged.ingested)
                self.ingested.append(report)
                self._watch.ingested(what, report)
            elif self._then is not None:
                self._then.made(what, result.report)
            self._proceed(what)
        if commit.error is not None:
            raise commit.error

    def _proceed(self, what: EclipseBand) -> None:
        """Go on with a band whose job has ended, and whose results are in the archive."""
        under_way = self._under_way[what]
        if under_way.at_work or under_way.uncommitted:
            return
        if under_way.reason is not None:
            self._give_up(what, under_way.reason, logged=not under_way.makes)
        elif self._then is not None and not under_way.makes:
            self._waiting.add_fresh(what)
        else:
            self._under_way.pop(what).folder.release()
            self.done.append(what)
            self._watch.done(what)

    def _give_up(self, what: EclipseBand, reason: str, *, logged: bool = False) -> None:
        """Let go of a band; `logged` says whether its ingest has failed."""
        under_way = self._under_way.pop(what, None)
        if under_way is not None:
            under_way.folder.release()
            self._fail(what, reason, under_way.attempt if logged else None)

    def _fail(self, what: EclipseBand, reason: str, attempt: Attempt | None) -> None:
        self._to_ingest.discard(what)
        self.failures.append(Failure(what.eclipse, what.band, reason))
        if attempt is not None:
            self._commits.add_failure(attempt.record("failed", message=reason))
        self._watch.failed(self.failures[-1])
