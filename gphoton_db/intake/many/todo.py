"""What a run over many eclipses has to do."""

from collections.abc import Sequence
from dataclasses import dataclass

from gphoton_db.ingest.kernels.examples import GROUPS
from gphoton_db.intake.many.contents import Contents
from gphoton_db.intake.many.eclipse_list import EclipseBand
from gphoton_db.intake.many.options import Following, ManyOptions


@dataclass(frozen=True)
class Todo:
    """What is asked for, sorted out; each in the order of the list.

    Parameters
    ----------
    skipped : list of EclipseBand
        All is done.
    ingest : list of EclipseBand
        To be ingested.
    there : list of EclipseBand
        In the archive, but something is to be made of it.
    """

    skipped: list[EclipseBand]
    ingest: list[EclipseBand]
    there: list[EclipseBand]

    @property
    def number(self) -> int:
        """With how many something is to be done."""
        return len(self.ingest) + len(self.there)

    def groups(self, then: Following | None) -> list[str]:
        """Return the groups of kernels that are needed."""
        return [*(GROUPS if self.ingest else ()), *(then.groups if then else ())]


def sort_out(
    wanted: Sequence[EclipseBand],
    contents: Contents,
    options: ManyOptions,
    then: Following | None,
) -> Todo:
    """Find out what there is to do.

    Parameters
    ----------
    wanted : sequence of EclipseBand
        What is asked for.
    contents : Contents
        What the archive holds.
    options, then
        Of the run.
    """
    wanted = list(dict.fromkeys(wanted))
    there = {what for what in wanted if what in contents}
    done: set[EclipseBand] = set()
    if not options.ingest.force:
        ours = [what for what in wanted if what in there]
        done = there if then is None else then.complete(ours)
    skipped = [what for what in wanted if what in done]
    rest = [what for what in wanted if what not in done]
    if not options.ingests:
        return Todo(skipped, [], rest)
    if options.ingest.force:
        return Todo(skipped, rest, [])
    return Todo(
        skipped,
        [what for what in rest if what not in there],
        [what for what in rest if what in there],
    )
