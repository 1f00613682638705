"""``gphoton-db catalogue``: the sources of eclipses, measured in both bands."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from gphoton_db.cli.console import notes, print_archive, print_json, results
from gphoton_db.cli.many_options import (
    AllRowsOption,
    ClusterOption,
    EclipsesOption,
    FailedOption,
    HowMany,
    JobsOption,
    refuse_options_of_many,
)
from gphoton_db.cli.products import JsonOption, MaskOption, parse_leg
from gphoton_db.cli.progress import progress_of
from gphoton_db.errors import ArchiveError
from gphoton_db.products.catalogue.options import RADII, CatalogueChoices, CatalogueOptions
from gphoton_db.remote.address import address_of, is_address
from gphoton_db.settings import Settings

EclipsesArgument = Annotated[list[int] | None, typer.Argument(help="Eclipse numbers.")]
AllLegsOption = Annotated[
    str, typer.Option(metavar="N|N,N|all", help="Leg, from 0; several; or all.")
]
RadiiOption = Annotated[
    list[float] | None,
    typer.Option(
        "--aperture",
        "--radius",
        metavar="ARCSEC",
        help=f"Radius; repeatable (default: {', '.join(f'{radius:g}' for radius in RADII)}).",
    ),
]
FramesOption = Annotated[
    float | None, typer.Option(help="Measure frames of this length too, s (view photometry).")
]


def catalogue(
    context: typer.Context,
    eclipses: EclipsesArgument = None,
    many: EclipsesOption = None,
    jobs: JobsOption = None,
    cluster: ClusterOption = None,
    failed: FailedOption = None,
    leg: AllLegsOption = "all",
    aperture: RadiiOption = None,
    depth: FramesOption = CatalogueOptions.depth,
    mask: MaskOption = str(CatalogueOptions.mask),
    output: AllRowsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Detect the sources of eclipses, and measure each in both bands, for the view catalogue.

    With --eclipses several at a time, and those of which all is made are passed over; the exit code
    is 0 if all are made, 3 if some failed, 1 if all failed.
    """
    settings: Settings = context.obj
    choices: CatalogueChoices = {"radii": tuple(aperture or RADII), "depth": depth, "mask": mask}
    if many is not None:
        from gphoton_db.cli.catalogue_many import catalogue_many

        if eclipses or leg != "all" or output is not None:
            raise typer.BadParameter(
                "comes without eclipses, --leg and --output", param_hint="--eclipses"
            )
        how = HowMany(jobs, cluster or settings.cluster, failed, as_json)
        catalogue_many(settings, many, choices, how)
    refuse_options_of_many({"--jobs": jobs, "--cluster": cluster, "--failed": failed})
    if not eclipses:
        raise typer.BadParameter("give eclipses, or --eclipses")
    _catalogue_each(settings, eclipses, parse_leg(leg), choices, output, as_json=as_json)


def _catalogue_each(
    settings: Settings,
    eclipses: list[int],
    legs: Any,
    choices: CatalogueChoices,
    output: Path | None,
    *,
    as_json: bool,
) -> None:
    from gphoton_db.archive import Archive
    from gphoton_db.cli.catalogue_many import in_words
    from gphoton_db.pipeline.catalogue_job import MadeCatalogue
    from gphoton_db.products.tables import format_of

    if output is not None:
        format_of(output)
    refuse_to_lose(settings.archive, output)
    tables, reports = [], []
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        for eclipse in dict.fromkeys(eclipses):
            with progress_of(f"eclipse {eclipse}", quiet=as_json) as tell:
                entries = archive.catalogue(eclipse, legs, on_progress=tell, **choices)
            tables.append(entries)
            reports.append(MadeCatalogue.of(eclipse, entries))
            if not as_json:
                notes.print(in_words(reports[-1]), markup=False)
        if output is not None:
            import pyarrow as pa

            archive.write_catalogue(pa.concat_tables(tables), output)
    if as_json:
        files = [] if output is None else [output]
        made = [asdict(report) for report in reports]
        print_json({"archive": archive.paths.root, "eclipses": made, "files": files})
    elif output is not None:
        results.print(str(output), markup=False)
    if is_address(settings.archive):
        address = address_of(settings.archive)
        notes.print(f"{address} is only read: the entries are in {output} alone", markup=False)


def refuse_to_lose(archive: str | Path, output: Path | None) -> None:
    """Refuse to make entries that would be kept nowhere.

    Raises
    ------
    ArchiveError
        If the archive is only read, and no file is named.
    """
    if output is None and is_address(archive):
        raise ArchiveError(
            f"{address_of(archive)}: an archive that is read from afar keeps no entries: name a "
            "file for them (--output), or do this where the archive is, and publish it again"
        )
