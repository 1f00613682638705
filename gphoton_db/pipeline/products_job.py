"""The job of a worker that makes the products of a band of an eclipse, and what is left to do."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.gathering import GatheringCatalogue
from gphoton_db.catalogue.records import LegRecord, leg_of
from gphoton_db.errors import GPhotonError, ProductError
from gphoton_db.intake.ingest_band import as_failure
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.messages import Result
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.products.masks.applied import absolute_mask
from gphoton_db.products.reader import ArchiveReader, legs_chosen
from gphoton_db.products.run_leg import LegReport, run_leg
from gphoton_db.products.run_options import RunOptions
from gphoton_db.products.run_plan import RunPlan, all_made, other_band
from gphoton_db.progress import Progress
from gphoton_db.query.query import prepare_session
from gphoton_db.system.memory import give_back

AT_A_TIME = 500
"""Eclipses whose legs and products are looked up by one query."""


@dataclass(frozen=True)
class ProductsJob:
    """Makes what is missing of the products of a band of an eclipse.

    Parameters
    ----------
    what : EclipseBand
        Which it is.
    options : RunOptions
        What is made of each leg.
    folder : Path
        An empty folder.
    root : Path
        Of the archive.
    """

    what: EclipseBand
    options: RunOptions
    folder: Path
    root: Path

    @property
    def name(self) -> str:
        """What it is about."""
        return f"products of eclipse {self.what.eclipse} {self.what.band}"

    def absolute(self) -> "ProductsJob":
        """Return the same job for a process that works in another folder, or on another host."""
        catalog = self.options.catalog
        return replace(
            self,
            options=replace(
                self.options,
                catalog=catalog.absolute() if catalog else None,
                mask=absolute_mask(self.options.mask),
            ),
            folder=self.folder.absolute(),
            root=self.root.absolute(),
        )

    def into(self, folder: Path) -> "ProductsJob":
        """Return the same job, which fills another folder."""
        return replace(self, folder=folder)

    def results(self, on_progress: Progress) -> Iterator[Result]:
        """Make them leg by leg, and yield what was made of each.

        Raises
        ------
        GPhotonError
            If any leg cannot be worked on: in the end, after the others.
        """
        catalogue = GatheringCatalogue(ArchivePaths(self.root), self.folder)
        failed: list[str] = []
        with opened(catalogue) as archive:
            legs = legs_to_run(archive, self.what, self.options)
            for number, leg in enumerate(legs):
                tell = partial(_of_leg, on_progress, leg.leg, number, len(legs))
                tell("reading", 0, 1)
                try:
                    report = run_leg(lambda: archive, leg, self.options, tell)
                except (GPhotonError, OSError) as error:
                    catalogue.take()
                    failed.append(f"leg {leg.leg}: {as_failure(error, self.root)}")
                else:
                    yield Result(catalogue.take(), self._in_place(report))
                give_back()
        if failed:
            raise ProductError("; ".join(failed))

    def _in_place(self, report: LegReport) -> LegReport:
        """Return the report with the files where they will be."""
        files = [self.root / file.relative_to(self.folder) for file in report.files]
        return replace(report, files=files)


@contextmanager
def opened(catalogue: Catalogue) -> Iterator[ArchiveReader]:
    """Give a reader of the archive as it is now."""
    with catalogue.reader() as connection:
        prepare_session(connection)
        yield ArchiveReader(catalogue, connection)


def legs_to_run(archive: ArchiveReader, what: EclipseBand, options: RunOptions) -> list[LegRecord]:
    """Return the legs of a band of which not everything is made.

    Raises
    ------
    ProductError
        If the band is not in the archive, has no such leg, or an option is not valid.
    """
    chosen = "all" if options.leg is None else options.leg
    legs = legs_chosen(archive, what.eclipse, what.band, chosen)
    plan = RunPlan.of(archive, options)
    known = _Known.of(archive, [what.eclipse])
    return [leg for leg in legs if not known.has_all(archive, leg, plan)]


def complete_bands(
    archive: ArchiveReader, wanted: Sequence[EclipseBand], plan: RunPlan
) -> set[EclipseBand]:
    """Return those bands of which everything is made."""
    ordered = sorted(wanted)
    found: set[EclipseBand] = set()
    for start in range(0, len(ordered), AT_A_TIME):
        some = ordered[start : start + AT_A_TIME]
        known = _Known.of(archive, sorted({what.eclipse for what in some}))
        found.update(what for what in some if known.is_complete(archive, what, plan))
    return found


@dataclass(frozen=True)
class _Known:
    """What the catalogue says of some eclipses: their legs, and products by their paths."""

    legs: dict[EclipseBand, list[LegRecord]]
    products: dict[str, dict[str, Any]]

    @classmethod
    def of(cls, archive: ArchiveReader, eclipses: Sequence[int]) -> "_Known":
        some = f"{list(eclipses)}::INTEGER[]"
        rows = archive.rows(f"SELECT * FROM rows_of('legs', {some}) ORDER BY eclipse, band, leg")
        legs = [leg_of(row) for row in rows]
        made = archive.rows(
            "SELECT path, size_bytes, parameters::VARCHAR AS parameters "
            f"FROM rows_of('products', {some})"
        )
        return cls(
            {what: list(group) for what, group in groupby(legs, key=_band_of)},
            {row["path"]: row for row in made},
        )

    def has_all(self, archive: ArchiveReader, leg: LegRecord, plan: RunPlan) -> bool:
        """Return whether everything is made of a leg."""
        others = self.legs.get(EclipseBand(leg.eclipse, other_band(leg)), [])
        other = next((each for each in others if each.leg == leg.leg), None)
        return all_made(archive, leg, plan.files(leg, other), self.products)

    def is_complete(self, archive: ArchiveReader, what: EclipseBand, plan: RunPlan) -> bool:
        """Return whether everything is made of a band: no, where a leg is not there at all."""
        legs = {leg.leg: leg for leg in self.legs.get(what, [])}
        chosen = plan.options.leg
        if chosen is None or chosen == "all":
            numbers = list(legs)
        else:
            numbers = [chosen] if isinstance(chosen, int) else list(chosen)
        return bool(legs) and all(
            number in legs and self.has_all(archive, legs[number], plan) for number in numbers
        )


def _band_of(leg: LegRecord) -> EclipseBand:
    return EclipseBand(leg.eclipse, Band(leg.band))


def _of_leg(
    on_progress: Progress, leg: int, number: int, n_legs: int, stage: str, done: int, total: int
) -> None:
    """Tell of the progress of one leg as of that of all; reading counts for half of it."""
    part = done / max(total, 1) / 2 + (0.5 if stage == "writing" else 0.0)
    on_progress(f"leg {leg}, {stage}", round(100 * (number + part)), 100 * n_legs)
