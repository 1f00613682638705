"""``gphoton-db pointing fetch``: refined aspect and spacecraft state from the mission archive."""

import sys
from collections.abc import Generator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Annotated

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import WorkProgress
from gphoton_db.errors import GPhotonError, UnreachableError
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.progress import no_progress
from gphoton_db.service import UNREACHABLE, ServiceOptions
from gphoton_db.settings import Settings

NOTED_AT_A_TIME = 100
"""Eclipses that the catalogue takes note of in one step."""

FETCHED, THERE, FAILED = "fetched", "there already", "failed"


@dataclass(frozen=True)
class Outcome:
    """What came of one eclipse."""

    eclipse: int
    outcome: str
    message: str | None = None


def fetch(
    context: typer.Context,
    eclipses: Annotated[
        list[str],
        typer.Argument(
            metavar="ECLIPSE|RANGE|FILE...",
            help="23456, 23400-23500, a file of such lines, or CSV or Parquet with a column "
            "eclipse; - reads standard input.",
        ),
    ],
    as_json: JsonOption = False,
) -> None:
    """Fetch the pointing of eclipses into the archive, for later ingests.

    Pointing that is there already is not fetched again. After an eclipse that fails, the others
    are still fetched.
    """
    settings: Settings = context.obj
    wanted = _numbers(eclipses)
    paths = ArchivePaths(settings.archive_folder())
    print_archive(paths.root)
    outcomes: list[Outcome] = []
    with nullcontext() if as_json else WorkProgress("pointing") as shown:
        for outcome in fetch_all(paths, wanted, settings.service(), shown):
            outcomes.append(outcome)
            if not as_json:
                _print(outcome)
    not_reached = len(wanted) - len(outcomes)
    if as_json:
        told = [vars(outcome) for outcome in outcomes]
        print_json({"archive": paths.root, "eclipses": told, "not_reached": not_reached})
    elif not_reached:
        notes.print(
            f"the mission archive gives no answer: {not_reached:,} more were not asked for; the "
            "same command goes on later",
            style="red",
            markup=False,
        )
    if any(each.outcome == FAILED for each in outcomes):
        raise typer.Exit(1)


def _numbers(eclipses: Sequence[str]) -> list[int]:
    """Return the eclipses that were typed, or that files list, each once."""
    from gphoton_db.intake.many.eclipse_list import STANDARD_INPUT, read_eclipses

    found: list[int] = []
    for text in eclipses:
        lines = sys.stdin if text == STANDARD_INPUT else ()
        # Pointing is the same for all bands.
        listed = read_eclipses(text, [Band.NUV], standard_input=lines)
        found += [each.eclipse for each in listed]
    return list(dict.fromkeys(found))


def fetch_all(
    paths: ArchivePaths, wanted: Sequence[int], service: ServiceOptions, shown: WorkProgress | None
) -> Generator[Outcome, None, None]:
    """Fetch one after the other, until nobody answers; the catalogue takes note of them.

    Yields
    ------
    Outcome
        Of each that was asked for.
    """
    tell = shown or no_progress
    new: list[Outcome] = []
    unanswered = 0
    try:
        for n, eclipse in enumerate(wanted):
            tell(f"e{eclipse:05d}", n, len(wanted))
            outcome, answered = _fetch(paths, eclipse, service, shown)
            if outcome.outcome != FAILED:
                new.append(outcome)
            if len(new) == NOTED_AT_A_TIME:
                _note(paths, new)
                new = []
            yield outcome
            unanswered = 0 if answered else unanswered + 1
            if unanswered == UNREACHABLE:
                return
    finally:
        _note(paths, new)  # at Ctrl-C, too


def _fetch(
    paths: ArchivePaths, eclipse: int, service: ServiceOptions, shown: WorkProgress | None
) -> tuple[Outcome, bool]:
    """Fetch the pointing of one; return what came of it, and whether there was an answer."""
    from gphoton_db.intake.inputs import obtain_pointing

    on_download = shown.download if shown else no_progress
    try:
        fetched = obtain_pointing(paths, eclipse, service, on_download=on_download)
    except GPhotonError as error:
        return Outcome(eclipse, FAILED, str(error)), not isinstance(error, UnreachableError)
    return Outcome(eclipse, FETCHED if fetched else THERE), True


def _note(paths: ArchivePaths, outcomes: Sequence[Outcome]) -> None:
    """Let the catalogue know of visits that were fetched, or that it does not know yet."""
    if not outcomes:
        return
    from gphoton_db.archive import Archive

    with Archive(paths.root, create=True) as archive:
        rows = archive.query("SELECT DISTINCT eclipse FROM boresights").rows()
        known = {row["eclipse"] for row in rows}
        archive.note_visits(
            each.eclipse
            for each in outcomes
            if each.outcome == FETCHED or each.eclipse not in known
        )


def _print(outcome: Outcome) -> None:
    if outcome.message is None:
        results.print(f"e{outcome.eclipse:05d}: {outcome.outcome}", markup=False)
    else:
        text = f"error: e{outcome.eclipse:05d}: {outcome.message}"
        notes.print(text, style="red", markup=False)
