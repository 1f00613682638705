"""``gphoton-db run --eclipses``: the pipeline over many eclipses by one command."""

from functools import partial
from pathlib import Path

from gphoton_db.cli.ingest_many import carry_out, typed_eclipses
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
    *,
    recreate: bool,
    jobs: int | None,
    cluster: str | None,
    failed: Path | None,
    as_json: bool,
) -> None:
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
    recreate : bool
        Whether everything is ingested anew.
    jobs : int, optional
        Bands at a time.
    cluster : str or None
        Whose workers do them.
    failed : Path or None
        The list of what failed.
    as_json : bool
        Whether machines are to read what came of it.
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
            jobs=jobs,
            cluster=cluster,
            service=service,
            failed=failed,
            **inputs,
        )
        shown = RunDisplay(archive.paths.root, quiet=as_json)
        listed = failed or archive.paths.failed_runs
        carry_out(archive.paths.root, shown, lambda: work(watch=shown), listed, as_json=as_json)
