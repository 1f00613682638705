"""Light curves of many positions, several parts of the list at a time, each into a file."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

from gphoton_db.intake.many.choose import Cluster, executor_for
from gphoton_db.intake.many.executor import Executor
from gphoton_db.intake.staging import folder_named
from gphoton_db.pipeline.independent import LONGEST_WAIT_S, Outcome, outcomes, reading_jobs
from gphoton_db.products.apertures.catalogs import read_positions
from gphoton_db.products.apertures.work import KERNELS
from gphoton_db.products.lightcurves.many import Plan, plan_of
from gphoton_db.products.lightcurves.measure import measurement_of
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.products.lightcurves.part_files import (
    PartFailure,
    check_part_folder,
    keep_complete,
    list_failed,
    path_of,
    write_part,
)
from gphoton_db.products.lightcurves.parts import Part, described, parts_of
from gphoton_db.products.reader import ArchiveReader
from gphoton_db.products.registry import entered
from gphoton_db.products.tables import parameters_of
from gphoton_db.progress import counter


@dataclass(frozen=True)
class ManyLightCurves:
    """A folder with the light curves of many positions, in parts.

    Parameters
    ----------
    folder : Path
        Holds a Parquet file for each part.
    n_rows : int
        Of all files that are there.
    made, skipped : tuple of str
        Names of the parts that were made now, in the order in which they were finished, and of
        those that were there.
    failures : tuple of PartFailure
        Positions that could not be measured, and why.
    seconds : float
        How long it took.
    meta : dict
        Of the whole, as that of one table.
    """

    folder: Path
    n_rows: int
    made: tuple[str, ...]
    skipped: tuple[str, ...]
    failures: tuple[PartFailure, ...]
    seconds: float
    meta: Mapping[str, Any]

    @property
    def complete(self) -> bool:
        """Whether all positions were measured."""
        return not self.failures


def lightcurves_many(
    archive: ArchiveReader,
    positions: Any,
    folder: str | Path,
    options: LightCurveOptions,
    *,
    jobs: int | None,
    cluster: Cluster | None,
) -> ManyLightCurves:
    """Measure the light curves of many positions; see `Archive.lightcurves_many`.

    Raises
    ------
    ProductError
        If the positions cannot be read, an option is not valid, or the folder holds other files.
    ClusterError
        If the cluster gives no answer.
    KeyboardInterrupt
        At Ctrl-C: parts that were finished by then are there, and the same call goes on.
    """
    started = monotonic()
    folder = Path(folder).expanduser().absolute()
    how, targets = measurement_of(options), read_positions(positions)
    plan = plan_of(archive, targets, how, mask_sources=options.mask_sources)
    mark = check_part_folder(folder, _name_of(plan, options))
    with folder_named(
        mark / "staging", "parts", str(folder), longest_wait=LONGEST_WAIT_S
    ) as staging:
        parts = parts_of(archive, plan, mask_sources=options.mask_sources)
        complete = keep_complete(folder, parts)
        todo = [part for part in parts if part.name not in complete]
        done = _Parts(archive, folder, plan)
        executor: Executor[str] = executor_for(cluster, jobs=jobs, threads=None, n_jobs=len(todo))
        done.make(executor, todo, staging)
    return ManyLightCurves(
        folder,
        sum(complete.values()) + sum(done.made.values()),
        tuple(done.made),
        tuple(complete),
        tuple(done.failures),
        monotonic() - started,
        plan.meta,
    )


def _name_of(plan: Plan, options: LightCurveOptions) -> str:
    """Return what tells a list, and how it is measured, from others."""
    positions = hashlib.sha256(plan.targets.ra.tobytes() + plan.targets.dec.tobytes()).hexdigest()
    return f"{described(plan.how)} {options.mask_sources} {positions}\n"


class _Parts:
    """What came of the parts: the rows of those that were ``made``, and ``failures``."""

    def __init__(self, archive: ArchiveReader, folder: Path, plan: Plan) -> None:
        self.made: dict[str, int] = {}
        self.failures: list[PartFailure] = []
        self._archive = archive
        self._folder = folder
        self._parameters = parameters_of(plan.meta)

    def make(self, executor: Executor[str], todo: Sequence[Part], staging: Path) -> None:
        """Have parts made, and move their files to their places, as they are finished."""
        if not todo:
            list_failed(self._folder, todo, ())
            return
        by_name = {part.name: part for part in todo}
        tell = self._archive.on_progress
        add = counter(tell, "parts", len(todo))
        of = str(self._folder)
        jobs = reading_jobs(executor, self._archive, todo, write_part, staging, of)
        catalogue = self._archive.catalogue
        try:
            with entered(catalogue, kind="lightcurve", parameters=self._parameters) as move:
                for outcome in outcomes(executor, KERNELS, jobs, tell):
                    self._hear(outcome, by_name[outcome.key], move)
                    add(1)
        finally:
            list_failed(self._folder, todo, self.failures)

    def _hear(self, outcome: Outcome[str], part: Part, move: Any) -> None:
        if outcome.result is None:
            positions = tuple(part.number.tolist())
            self.failures.append(PartFailure(part.name, positions, outcome.reason))
            return
        made = path_of(outcome.result.staged.folder, part.name)
        move(made, path_of(self._folder, part.name))
        self.made[part.name] = outcome.result.report
