"""``gphoton-db run --eclipses``: the pipeline over many eclipses by one command."""

from functools import partial
from typing import NoReturn

from gphoton_db.cli.ingest_many import carry_out, typed_eclipses
from gphoton_db.cli.many_options import HowMany
from gphoton_db.intake.options import InputChoices
from gphoton_db.mission import Band
from gphoton_db.products.run_options import RunOptions
from gphoton_db.service import ServiceOptions
from gphoton_db.settings import Settings


def run_many(
    settings: Settings,
    eclipses: str,
    bands: list[Band],
    options: RunOptions,
    inputs: InputChoices,
    service: ServiceOptions,
    how: HowMany,
    *,
    recreate: bool,
) -> NoReturn:
    """Run the pipeline over many eclipses, say what came of it, and exit with a code of it.

    Parameters
    ----------
    settings : Settings
        Of the user.
    eclipses, bands
        What it is run over, as it was typed.
    options : RunOptions
        What is made.
    inputs : dict
        Fields of `IngestOptions`.
    service : ServiceOptions
        Where to fetch from, and whether to.
    how : HowMany
        How it is done.
    recreate : bool
        Whether everything is ingested anew.
    """
    from gphoton_db.archive import Archive
    from gphoton_db.cli.run_display import RunDisplay

    wanted = typed_eclipses(eclipses, bands)
    with Archive(settings.archive) as archive:
        work = partial(
            archive.run_many,
            wanted,
            options=options,
            recreate=recreate,
            service=service,
            **inputs,
        )
        carry_out(archive.paths.root, RunDisplay, work, archive.paths.failed_runs, how)
