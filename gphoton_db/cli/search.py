"""``gphoton-db search``: which visits there are, ingested or not."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, standard_output
from gphoton_db.cli.eclipse_range import EclipsesOption, range_of
from gphoton_db.cli.offline import Offline
from gphoton_db.cli.positions import BandOption, JsonOption, OutputOption, give_table, print_rows
from gphoton_db.products.search_options import SearchOptions
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from astropy.table import Table

    from gphoton_db.archive import Archive
    from gphoton_db.intake.options import IngestChoices
    from gphoton_db.products.found_visits import FoundVisits

SHOWN = (
    *("eclipse", "band", "leg", "ingested", "ra0", "dec0", "separation", "plan_type", "utc"),
    *("exposure", "on_time", "command"),
)

OBJECT = "object"
"""In the place of RA: the name of an object follows."""


class Printed(StrEnum):
    """Formats on standard output."""

    TABLE = "table"
    CSV = "csv"
    ECSV = "ecsv"
    JSON = "json"
    VOTABLE = "votable"


Ra = Annotated[
    str | None,
    typer.Argument(metavar="RA|object", help="Deg, or sexagesimal (hours); or: object NAME."),
]
Dec = Annotated[
    str | None, typer.Argument(metavar="DEC|NAME", help="Deg, or sexagesimal; or the name.")
]
Radius = Annotated[float, typer.Option(min=0, help="The field comes within this distance, arcsec.")]
Box = Annotated[
    str | None,
    typer.Option(
        metavar="RA0,RA1,DEC0,DEC1", help="The field reaches this box, deg; RA0 > RA1 crosses RA 0."
    ),
]
Plan = Annotated[
    list[str] | None, typer.Option(help="Survey: AIS, MIS, DIS, ...; may be repeated.")
]
Since = Annotated[str | None, typer.Option("--from", metavar="DATE", help="Earliest start, UTC.")]
Until = Annotated[str | None, typer.Option("--to", metavar="DATE", help="Start before this, UTC.")]
MinExposure = Annotated[float | None, typer.Option(metavar="S", help="Shortest exposure, s.")]
Ingested = Annotated[
    bool | None,
    typer.Option("--ingested/--not-ingested", help="In the archive, or not (default: both)."),
]
Ingest = Annotated[
    bool, typer.Option("--ingest", help="Ingest the visits found that are not in the archive.")
]
Format = Annotated[Printed, typer.Option("--format", help="Printed format, without --output.")]


def search(
    context: typer.Context,
    ra: Ra = None,
    dec: Dec = None,
    radius: Radius = float(SearchOptions.radius),
    box: Box = None,
    band: BandOption = None,
    plan: Plan = None,
    since: Since = None,
    until: Until = None,
    min_exposure: MinExposure = None,
    eclipses: EclipsesOption = None,
    ingested: Ingested = None,
    ingest: Ingest = False,
    output: OutputOption = None,
    printed: Format = Printed.TABLE,
    offline: Offline = False,
    as_json: JsonOption = False,
) -> None:
    """List the visits that fulfil all conditions, ingested or not.

    The archive knows visits from pointing import, pointing fetch and its own ingests.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    _refuse_everything(ingest, (ra, box, plan, since, until, min_exposure, eclipses))
    position = _position(ra, dec, offline=settings.offline or offline)
    with Archive(settings.archive) as archive:
        conditions = SearchOptions(
            radius=radius,
            box=box.split(",") if box else None,
            bands=band,
            plan_types=plan,
            since=since,
            until=until,
            min_exposure=min_exposure,
            eclipses=range_of(eclipses),
            ingested=ingested,
        )
        found = archive.search_rows(*position, options=conditions)
        _give(archive, found, printed, output, as_json=as_json, ingest=ingest)
    if ingest:
        _ingest(settings, found, offline=offline, as_json=as_json)


def _refuse_everything(ingest: bool, conditions: tuple[object, ...]) -> None:
    if ingest and not any(conditions):
        raise typer.BadParameter("say which: all that is known would be ingested", param_hint="RA")


def _position(ra: str | None, dec: str | None, *, offline: bool) -> tuple[Any, ...]:
    """Return ra and dec, nothing, or the position of a named object."""
    if ra is None:
        return ()
    if dec is None:
        raise typer.BadParameter("give both, RA DEC, or object NAME", param_hint="DEC")
    if ra != OBJECT:
        return ra, dec
    from gphoton_db.products.object_names import position_of_object

    position = position_of_object(dec, offline=offline)
    notes.print(f"{dec}: ra {position[0]:.6f}, dec {position[1]:+.6f}", markup=False)
    return position


def _ingest(settings: Settings, found: "FoundVisits", *, offline: bool, as_json: bool) -> None:
    """Ingest what was found and is not there."""
    from gphoton_db.cli.ingest_many import ingest_wanted
    from gphoton_db.cli.many_options import HowMany

    choices: IngestChoices = {
        "pointing": settings.pointing,
        "calibration": settings.calibration,
    }
    wanted = found.to_ingest()
    if wanted:
        service = settings.service(offline=offline)
        how = HowMany(cluster=settings.cluster, as_json=as_json)
        ingest_wanted(settings, wanted, choices, service, how)
    elif as_json:
        print_json({"archive": settings.archive, "ingests": [], "failures": []})
    else:
        notes.print("nothing to ingest: all that was found is in the archive", markup=False)


def _give(
    archive: "Archive",
    found: "FoundVisits",
    printed: Printed,
    output: Path | None,
    *,
    as_json: bool,
    ingest: bool,
) -> None:
    """Write the table, or print it; and say what was found where."""
    print_archive(archive.paths.root)
    if ingest and as_json:
        # What is printed then is the report of the ingest.
        if output is not None:
            archive.write_measured(_table(found), output)
    elif output is None and (as_json or printed is Printed.JSON):
        print_json({"files": (), "meta": found.meta, "rows": found.known()})
    elif output is None and printed is Printed.TABLE:
        from gphoton_db.products.found_visits import COLUMNS

        print_rows(found.known(), SHOWN, [COLUMNS[name][1] or "" for name in SHOWN])
    elif output is not None:
        as_json = as_json or printed is Printed.JSON
        give_table(_table(found), archive.write_measured, output, as_json=as_json, shown=SHOWN)
    else:
        from gphoton_db.products.tables import encode_table

        output_bytes = standard_output()
        output_bytes.write(encode_table(_table(found), printed.value))
        output_bytes.flush()
    _say(archive, found)


def _table(found: "FoundVisits") -> "Table":
    from gphoton_db.products.search import table_of

    return table_of(found)


def _say(archive: "Archive", found: "FoundVisits") -> None:
    """Say what was found, to a person."""
    n, new = len(found.rows), found.n_new
    if n:
        eclipses = len({row["eclipse"] for row in found.rows})
        notes.print(
            f"{n:,} leg{'s' * (n != 1)} of {eclipses:,} visit{'s' * (eclipses != 1)}, "
            f"{new:,} not ingested",
            markup=False,
        )
    elif len(archive.query("SELECT 1 FROM known_legs LIMIT 1")):
        notes.print("no visit that the archive knows fulfils all conditions", markup=False)
    else:
        notes.print(
            "the archive knows no visits yet: gphoton-db pointing import DIR, or pointing fetch "
            "ECLIPSE...",
            markup=False,
        )
