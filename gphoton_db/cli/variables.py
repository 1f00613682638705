"""``gphoton-db variables``: how the sources of eclipses vary."""

from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import counted, notes, print_archive, print_json, results
from gphoton_db.cli.many_options import AllRowsOption, ClusterOption
from gphoton_db.cli.products import JsonOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.errors import ProductError
from gphoton_db.products.variables.options import (
    MEASURED_BEFORE,
    VariableChoices,
    VariableOptions,
)
from gphoton_db.settings import Settings

GOOD_SCORE = 4.5
"""Of candidates, as the named query ``variable_candidates`` has it."""

EclipsesArgument = Annotated[
    list[int] | None, typer.Argument(help="Eclipse numbers.", show_default=False)
]
AllOption = Annotated[bool, typer.Option("--all", help="All eclipses with catalogue entries.")]
BandsOption = Annotated[str, typer.Option(metavar="BANDS", help="NUV, FUV, or NUV,FUV.")]
DepthOption = Annotated[float, typer.Option(help="Length of the bins, s.")]
RadiusOption = Annotated[float, typer.Option(metavar="ARCSEC", help="Radius of the apertures.")]
LeastOption = Annotated[float, typer.Option(help="Leave out legs with a shorter exposure, s.")]
CatalogOption = Annotated[
    Path | None,
    typer.Option(help="Positions to measure (default: the catalogue entries of each leg)."),
]
AgainOption = Annotated[
    bool, typer.Option("--again", help="Measure also what was measured in the same way before.")
]
JobsOption = Annotated[int, typer.Option(min=1, help="Eclipses at a time.")]


def variables(
    context: typer.Context,
    eclipses: EclipsesArgument = None,
    every: AllOption = False,
    bands: BandsOption = "NUV,FUV",
    depth: DepthOption = VariableOptions.depth,
    radius: RadiusOption = VariableOptions.radius,
    min_exposure: LeastOption = VariableOptions.min_exposure,
    catalog: CatalogOption = None,
    jobs: JobsOption = 1,
    cluster: ClusterOption = None,
    again: AgainOption = False,
    output: AllRowsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how the sources of eclipses vary, from their photons, for the view variables."""
    from gphoton_db.archive import Archive
    from gphoton_db.products.tables import format_of

    if bool(eclipses) == every:
        raise ProductError("give the numbers of eclipses, or --all for those with a catalogue")
    settings: Settings = context.obj
    choices: VariableChoices = {"depth": depth, "radius": radius, "min_exposure": min_exposure}
    choices["catalog"] = catalog
    if output is not None:
        format_of(output)
    chosen = [each.strip() for each in bands.split(",") if each.strip()]
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        with progress_of("variables", quiet=as_json) as tell:
            table = archive.variables(
                eclipses or None,
                bands=chosen,
                jobs=jobs,
                cluster=cluster or settings.cluster,
                again=again,
                on_progress=tell,
                **choices,
            )
        report = _report(table)
        if output is not None:
            archive.write_variables(table, output)
    if as_json:
        files = [] if output is None else [output]
        print_json({"archive": settings.archive, "eclipses": report, "files": files})
        return
    _tell(report)
    if output is not None:
        results.print(str(output), markup=False)


def _tell(report: list[dict[str, Any]]) -> None:
    """Say what was found, and what else can be done."""
    for each in report:
        notes.print(_in_words(each), markup=False)
    if any(each["measured_before"] for each in report):
        notes.print(
            "what was measured before, with these options, is as it was: --again measures it"
        )
    if not report:
        notes.print("no sources: make a catalogue first (gphoton-db catalogue), or give --catalog")
    elif any(each["with_warnings"] for each in report):
        notes.print("`gphoton-db query variable_candidates --warned` lists those with warnings")


def _report(table: Any) -> list[dict[str, Any]]:
    """Return what was found in each band of each eclipse."""
    names = ("eclipse", "band", "score", "warnings")
    noted = (table.schema.metadata or {}).get(MEASURED_BEFORE.encode(), b"")
    before = {int(each) for each in noted.split()}
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for eclipse, band, score, warnings in zip(*(table[n].to_pylist() for n in names), strict=True):
        key = {"eclipse": eclipse, "band": band, "measured_before": eclipse in before}
        nothing = {**key, "sources": 0, "candidates": 0, "with_warnings": 0}
        mine = found.setdefault((eclipse, band), nothing)
        mine["sources"] += 1
        if score is not None and score >= GOOD_SCORE:
            mine["with_warnings" if warnings else "candidates"] += 1
    return [found[key] for key in sorted(found)]


def _in_words(report: dict[str, Any]) -> str:
    before = " (measured before)" if report["measured_before"] else ""
    return (
        f"eclipse {report['eclipse']} {report['band']}: {counted(report['sources'], 'source')}, "
        f"{report['candidates']:,} vary, {report['with_warnings']:,} more with warnings{before}"
    )
