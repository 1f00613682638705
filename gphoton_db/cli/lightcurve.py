"""``gphoton-db lightcurve``: the brightness of a position, or of many, in time."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gphoton_db.cli.console import print_archive, print_json, results
from gphoton_db.cli.kernels import compile_kernels
from gphoton_db.cli.lightcurve_parts import measure_parts
from gphoton_db.cli.many_options import ClusterOption, ProcessesOption, refuse_options_of_many
from gphoton_db.cli.positions import (
    BandOption,
    CatalogOption,
    DecArgument,
    JsonOption,
    NonlinearOption,
    OutputOption,
    PlotOption,
    RaArgument,
    RadiusOption,
    RangeOption,
    check_many,
    check_place,
    give_table,
    pair_of,
    print_columns,
    ranges_of,
)
from gphoton_db.cli.products import MaskOption
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.lightcurves.options import (
    LightCurveChoices,
    LightCurveOptions,
    MeasurementChoices,
)
from gphoton_db.settings import Settings

if TYPE_CHECKING:
    from gphoton_db.archive import Archive

MethodOption = Annotated[str, typer.Option(help="photon, or image: sums over pixels.")]

SHOWN = (
    *("eclipse", "band", "leg", "t0", "t1", "exposure", "counts", "cps", "cps_err"),
    *("mag", "flags", "warnings"),
)
SHOWN_OF_MANY = ("position", "ra", "dec", "position_flags", *SHOWN)


def lightcurve(
    context: typer.Context,
    ra: RaArgument = None,
    dec: DecArgument = None,
    catalog: CatalogOption = None,
    radius: RadiusOption = LightCurveOptions.radius,
    annulus: Annotated[
        str | None, typer.Option(metavar="IN,OUT", help="Ring for the background, arcsec.")
    ] = None,
    step: Annotated[
        str, typer.Option(metavar="S|visit", help="Length of a bin, s; or one bin a visit.")
    ] = str(LightCurveOptions.step),
    band: BandOption = None,
    time: RangeOption = None,
    method: MethodOption = LightCurveOptions.method,
    nonlinear: NonlinearOption = False,
    mask: MaskOption = str(LightCurveOptions.mask),
    output: OutputOption = None,
    plot: PlotOption = None,
    jobs: ProcessesOption = None,
    cluster: ClusterOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure the light curve of a position over all visits, or those of a catalogue.

    With --jobs or --cluster parts of the catalogue are measured at a time, and --output is a folder
    of Parquet files; parts that are there are passed over.  The exit code is then 0 if all are
    made, 3 if some failed, 1 if all failed.
    """
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    check_place(ra, dec, catalog)
    if catalog is None:
        refuse_options_of_many({"--jobs": jobs, "--cluster": cluster}, "--catalog")
    choices: MeasurementChoices = {
        "radius": radius,
        "annulus": pair_of(annulus, "--annulus") if annulus else None,
        "step": _step(step),
        "bands": band,
        "time_ranges": ranges_of(time),
        "nonlinear": nonlinear,
        "mask": mask,
    }
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        if catalog is not None:
            check_many(method, plot)
            if jobs is not None or cluster is not None:
                whose = cluster or settings.cluster
                work = partial(archive.lightcurves_many, catalog, jobs=jobs, cluster=whose)
                measure_parts(partial(work, **choices), output, as_json=as_json)
            _measure_many(archive, catalog, choices, output, as_json)
            return
        chosen = LightCurveChoices(method=method, **choices)  # type: ignore[typeddict-item]
        if method != "image" and output is None and plot is None and not as_json:
            _print_curve(archive, ra, dec, chosen)
            return
        if method == "image":
            compile_kernels("lightcurve --method image")
        with progress_of("light curve", quiet=as_json) as tell:
            curve = archive.lightcurve(ra, dec, on_progress=tell, **chosen)
        files = [curve.write_png(plot)] if plot is not None else []
        give_table(curve, archive.write_measured, output, as_json=as_json, shown=SHOWN, files=files)


def _print_curve(
    archive: "Archive", ra: str | None, dec: str | None, chosen: LightCurveChoices
) -> None:
    """Print the light curve of a position, for which no table of astropy is made."""
    from gphoton_db.products.lightcurves.rates import UNITS

    with progress_of("light curve", quiet=False) as tell:
        columns = archive.lightcurve_columns(ra, dec, on_progress=tell, **chosen)
    print_columns({name: columns[name] for name in SHOWN}, [UNITS.get(name, "") for name in SHOWN])


def _measure_many(
    archive: "Archive",
    catalog: Path,
    choices: MeasurementChoices,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write the light curves of a list as they are made; or print them, which takes a table."""
    compile_kernels("lightcurve")
    if output is None:
        with progress_of("light curves", quiet=as_json) as on_progress:
            many = archive.lightcurves(catalog, on_progress=on_progress, **choices)
        give_table(many, archive.write_measured, None, as_json=as_json, shown=SHOWN_OF_MANY)
        return
    with progress_of("light curves", quiet=as_json) as on_progress:
        done = archive.write_lightcurves(catalog, output, on_progress=on_progress, **choices)
    if as_json:
        print_json({"files": [done.path], "n_rows": done.n_rows, "meta": done.meta})
    else:
        results.print(str(done.path), markup=False)


def _step(text: str) -> float | None:
    if text.strip().lower() == "visit":
        return None
    try:
        return float(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither a number of seconds nor visit", param_hint="--step"
        ) from None
