"""``gphoton-db ingest --eclipses``: many eclipses by one command."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import typer

from gphoton_db.cli.console import notes, print_archive, print_json
from gphoton_db.cli.failures import failure_lines
from gphoton_db.cli.many_options import HowMany
from gphoton_db.errors import GPhotonError
from gphoton_db.intake.options import IngestChoices
from gphoton_db.mission import Band
from gphoton_db.service import ServiceOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.cli.many_display import ManyDisplay

SOME_FAILED = 3
"""Exit code where some of what was asked for is in the archive, and some is not."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def ingest_many(
    settings: Settings,
    eclipses: str,
    bands: list[Band],
    choices: IngestChoices,
    service: ServiceOptions,
    how: HowMany,
) -> NoReturn:
    """Ingest many eclipses, say what came of it, and exit with a code that tells it too.

    Parameters
    ----------
    settings : Settings
        Of the user.
    eclipses, bands
        What is to be ingested, as it was typed.
    choices : dict
        Fields of `IngestOptions`.
    service : ServiceOptions
        Where to fetch from, and whether to.
    how : HowMany
        How it is done.
    """
    ingest_wanted(settings, typed_eclipses(eclipses, bands), choices, service, how)


def typed_eclipses(eclipses: str, bands: list[Band]) -> list[tuple[int, str | Band]]:
    """Return the bands of eclipses that were typed, or that the list has which was named."""
    from gphoton_db.intake.many.eclipse_list import STANDARD_INPUT, eclipse_pairs, read_eclipses

    lines = sys.stdin if eclipses == STANDARD_INPUT else ()
    return eclipse_pairs(read_eclipses(eclipses, bands, standard_input=lines))


def ingest_wanted(
    settings: Settings,
    wanted: list[tuple[int, str | Band]],
    choices: IngestChoices,
    service: ServiceOptions,
    how: HowMany,
) -> NoReturn:
    """Ingest bands of eclipses; everything else as for `ingest_many`."""
    from gphoton_db.archive import Archive
    from gphoton_db.cli.many_display import ManyDisplay

    with Archive(settings.archive) as archive:
        work = partial(archive.ingest_many, wanted, service=service, **choices)
        carry_out(archive.paths.root, ManyDisplay, work, archive.paths.failed, how)


def carry_out(
    root: Path,
    display: "type[ManyDisplay]",
    work: Callable[..., object],
    listed: Path,
    how: HowMany,
) -> NoReturn:
    """Do some work on many eclipses, say what came of it, and exit with a code that tells it too.

    Parameters
    ----------
    root : Path
        The archive's folder.
    display : type of ManyDisplay
        Shows how it goes on.
    work : callable
        Does it; called with ``jobs``, ``cluster``, ``failed`` and ``watch``.
    listed : Path
        The list of what failed, if the user names none.
    how : HowMany
        How it is done.
    """
    interrupted, problem = False, None
    print_archive(root)
    shown = display(root, quiet=how.as_json)
    with shown:
        try:
            work(jobs=how.jobs, cluster=how.cluster, failed=how.failed, watch=shown)
        except KeyboardInterrupt:
            interrupted = True
        except GPhotonError as error:
            if not shown.todo:
                raise  # nothing was done that could be told of
            problem = error
    listed = how.failed or listed
    if how.as_json:
        print_json(_as_dict(shown, root, listed, interrupted=interrupted))
    _tell(shown, listed, interrupted=interrupted)
    if problem is not None:
        raise problem
    raise typer.Exit(INTERRUPTED if interrupted else _exit_code(shown))


def _exit_code(shown: "ManyDisplay") -> int:
    if not shown.failures:
        return 0
    return SOME_FAILED if shown.finished or shown.there else 1


def _tell(shown: "ManyDisplay", listed: Path, *, interrupted: bool) -> None:
    """Tell of the failures, sum up, and say how to go on."""
    for line in failure_lines(shown.failures):
        notes.print(line, style="red", markup=False)
    counts = {
        **shown.counts,
        "failed": len(shown.failures),
        "not reached": shown.not_reached,
    }
    summary = "; ".join(f"{n:,} {what}" for what, n in counts.items() if n)
    notes.print(summary, markup=False)
    if interrupted:
        notes.print("interrupted: the same command goes on from here", markup=False)
    elif shown.failures and listed.exists():
        again = f"gphoton-db {shown.command} --eclipses {listed}"
        notes.print(f"to try again what failed: {again}", markup=False)


def _as_dict(
    shown: "ManyDisplay", root: Path, listed: Path, *, interrupted: bool
) -> dict[str, Any]:
    return {
        "archive": root,
        **shown.as_dict(root),
        "skipped": [{"eclipse": each.eclipse, "band": each.band} for each in shown.there],
        "failures": [
            {"eclipse": each.eclipse, "band": each.band, "reason": each.reason}
            for each in shown.failures
        ],
        "failed_list": listed if shown.failures else None,
        "not_reached": shown.not_reached,
        "interrupted": interrupted,
    }
