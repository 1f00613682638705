"""``gphoton-db status``: what is in the archive."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.columns import print_columns
from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.eclipse_range import EclipsesOption, range_of
from gphoton_db.remote.files import shown
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.catalogue.records import LegRecord
    from gphoton_db.catalogue.status import ArchiveStatus, FailedIngest, LegTotal

SHOWN_LEGS = 200
"""Legs of the whole list that are printed for a person, without ``--limit``."""

SHOWN_FAILURES = 5
"""Failed ingests that are printed, without ``--limit``."""

SHOWN_CHARACTERS = 300
"""Of the message of a failed ingest."""

BandOption = Annotated[str | None, typer.Option(help="Only NUV, or only FUV.")]
CalibrationOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="Only legs of this calibration set; its first letters are enough."
    ),
]
SinceOption = Annotated[
    datetime | None, typer.Option(metavar="DATE", help="Only legs ingested since this date, UTC.")
]
LegsOption = Annotated[
    bool, typer.Option("--legs", help="List all legs, by eclipse, instead of the newest ones.")
]
LimitOption = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Legs, and failed ingests, to list (default: the newest 20 legs and 5 failed "
        "ingests; with --legs 200 legs, as JSON all).",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Report as JSON.")]


def status(
    context: typer.Context,
    band: BandOption = None,
    calibration: CalibrationOption = None,
    eclipses: EclipsesOption = None,
    since: SinceOption = None,
    legs: LegsOption = False,
    limit: LimitOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what is in the archive: totals, the newest legs, and which ingests failed."""
    from gphoton_db.archive import Archive
    from gphoton_db.catalogue.status import LegFilter
    from gphoton_db.mission import Band

    settings: Settings = context.obj
    wanted = LegFilter(range_of(eclipses), Band.parse(band) if band else None, calibration, since)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        found = archive.status(wanted, newest=not legs, limit=_limit(limit, legs, as_json))
    if as_json:
        print_json(status_as_dict(found, archive.paths.root, newest=not legs))
        return
    if legs:
        print_legs(found.legs)
        _print_sum(found)
        _say_how_many(found)
    else:
        _print_totals(found.totals)
        _print_sum(found)
        if wanted == LegFilter():
            _print_sizes(found)
        _print_newest(found.legs, found.total.n_legs)
    n_failures = SHOWN_FAILURES if limit is None else limit
    _print_failed(found.failed[max(len(found.failed) - n_failures, 0) :], found.n_failed)


def _limit(given: int | None, legs: bool, as_json: bool) -> int | None:
    from gphoton_db.catalogue.status import NEWEST

    if given is not None:
        return given
    if not legs:
        return NEWEST
    return None if as_json else SHOWN_LEGS


def status_as_dict(found: "ArchiveStatus", root: Path, *, newest: bool) -> dict[str, Any]:
    """Return a status for machines; the legs are ``newest``, or else ``legs``."""
    total = asdict(found.total)
    return {
        "archive": shown(root),
        **{name: total[name] for name in total if name not in ("band", "calibration")},
        "totals": [asdict(each) for each in found.totals],
        "sizes": [asdict(each) for each in found.sizes],
        "newest" if newest else "legs": [vars(leg) for leg in found.legs],
        "failed_ingests": [asdict(each) for each in found.failed],
        "n_failed_ingests": found.n_failed,
    }


def print_legs(legs: Sequence["LegRecord"]) -> None:
    """Print a table of legs."""
    names = ("ra0", "dec0", "exposure [s]", "photons", "unflagged", "B/photon")
    print_columns(
        ("eclipse", "band", "leg", *names, "pointing", "calibration"),
        (
            (*_name(leg), f"{leg.ra0:.4f}", f"{leg.dec0:+.4f}", *_amount(leg), *_source(leg))
            for leg in legs
        ),
        numeric=names,
    )


def _print_newest(legs: Sequence["LegRecord"], n_legs: int) -> None:
    if not legs:
        return
    names = ("exposure [s]", "photons", "unflagged", "B/photon")
    results.print(f"\nnewest {len(legs):,} of {counted(n_legs, 'leg')}", style="dim", markup=False)
    print_columns(
        ("ingested [UTC]", "eclipse", "band", "leg", *names, "pointing", "calibration"),
        (
            (f"{leg.ingested_at:%Y-%m-%d %H:%M:%S}", *_name(leg), *_amount(leg), *_source(leg))
            for leg in legs
        ),
        numeric=names,
    )


def _name(leg: "LegRecord") -> tuple[str, ...]:
    return str(leg.eclipse), leg.band, str(leg.leg)


def _amount(leg: "LegRecord") -> tuple[str, ...]:
    per_photon = leg.size_bytes / max(leg.n_photons, 1)
    return (
        f"{leg.exposure:,.1f}", f"{leg.n_photons:,}", f"{leg.n_unflagged:,}", f"{per_photon:.1f}",
    )  # fmt: skip


def _source(leg: "LegRecord") -> tuple[str, ...]:
    from gphoton_db.calibration.identity import short_identifier

    return leg.pointing_source, short_identifier(leg.calibration)


def _print_totals(totals: Sequence["LegTotal"]) -> None:
    from gphoton_db.calibration.identity import short_identifier

    names = ("eclipses", "legs", "exposure [s]", "photons", "unflagged", "B/photon", "size")
    print_columns(
        ("band", "calibration", *names),
        (
            (
                str(each.band),
                short_identifier(str(each.calibration)),
                f"{each.n_eclipses:,}",
                f"{each.n_legs:,}",
                f"{each.exposure:,.1f}",
                f"{each.n_photons:,}",
                f"{each.n_unflagged:,}",
                f"{each.photon_bytes / max(each.n_photons, 1):.1f}",
                _megabytes(each.size_bytes),
            )
            for each in totals
        ),
        numeric=names,
    )


def _print_sum(found: "ArchiveStatus") -> None:
    total = found.total
    legs = counted(total.n_legs, "leg")
    photons = counted(total.n_photons, "photon")
    results.print(f"{legs}, {photons}, {_megabytes(total.size_bytes)}")


def _print_sizes(found: "ArchiveStatus") -> None:
    """Print the size of all files, by kind."""
    if found.sizes:
        kinds = ", ".join(f"{each.kind} {_megabytes(each.size_bytes)}" for each in found.sizes)
        results.print(f"on disk: {kinds}", markup=False)


def _say_how_many(found: "ArchiveStatus") -> None:
    if found.total.n_legs > len(found.legs):
        notes.print(f"({len(found.legs):,} of {found.total.n_legs:,} legs; --limit N lists more)")


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"


def _print_failed(failed: Sequence["FailedIngest"], n_failed: int) -> None:
    """Print a line for each failed ingest, and how many more there are."""
    for failure in failed:
        message = " ".join(failure.message.split())
        if len(message) > SHOWN_CHARACTERS:
            message = message[: SHOWN_CHARACTERS - 3] + "..."
        notes.print(
            f"failed: e{failure.eclipse:05d} {failure.band}: {message}", markup=False, style="red"
        )
    if n_failed > len(failed):
        notes.print(
            f"({len(failed)} of {n_failed:,} failed ingests; gphoton-db query failed_ingests "
            "lists all)",
            markup=False,
        )
