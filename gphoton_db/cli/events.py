"""``gphoton-db events``: the photons around a position."""

from typing import Any

import typer

from gphoton_db.cli.console import print_archive, print_json, results
from gphoton_db.cli.positions import (
    BandOption,
    DecArgument,
    JsonOption,
    OutputOption,
    RaArgument,
    RadiusOption,
    RangeOption,
    check_place,
    give_table,
    ranges_of,
)
from gphoton_db.cli.progress import progress_of
from gphoton_db.products.lightcurves.options import LightCurveOptions
from gphoton_db.settings import Settings

SHOWN = (
    *("t", "eclipse", "band", "leg", "ra", "dec", "separation", "weight", "flags"),
    *("detrad", "q"),
)


def events(
    context: typer.Context,
    ra: RaArgument = None,
    dec: DecArgument = None,
    radius: RadiusOption = LightCurveOptions.radius,
    band: BandOption = None,
    time: RangeOption = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the photons around a position, with weights; a FITS file has the GTI too."""
    from gphoton_db.archive import Archive

    settings: Settings = context.obj
    check_place(ra, dec, None)
    with Archive(settings.archive) as archive:
        print_archive(archive.paths.root)
        choices: dict[str, Any] = {"bands": band, "time_ranges": ranges_of(time)}
        with progress_of("events", quiet=as_json) as tell:
            if output is None:
                made = archive.events(ra, dec, radius, on_progress=tell, **choices)
            else:
                done = archive.write_events(
                    *(ra, dec, radius), path=output, on_progress=tell, **choices
                )
        if output is None:
            give_table(made, archive.write_measured, None, as_json=as_json, shown=SHOWN)
        elif as_json:
            print_json({"files": [done.path], "meta": done.meta})
        else:
            results.print(str(output), markup=False)
