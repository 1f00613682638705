"""``gphoton-db catalogue --eclipses``: the catalogues of many eclipses by one command."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from gphoton_db.cli.console import counted, notes
from gphoton_db.cli.ingest_many import carry_out, typed_eclipses
from gphoton_db.cli.many_display import ManyDisplay
from gphoton_db.cli.many_options import HowMany
from gphoton_db.mission import Band
from gphoton_db.pipeline.catalogue_job import MadeCatalogue
from gphoton_db.pipeline.catalogue_many import CatalogueWatch
from gphoton_db.products.catalogue.options import CatalogueChoices
from gphoton_db.settings import Settings


class CatalogueDisplay(ManyDisplay, CatalogueWatch):
    """Shows how a run goes on, and prints a line for each eclipse.

    Parameters
    ----------
    root : Path
        The archive's folder.
    quiet : bool
        Show and print nothing.
    """

    command = "catalogue"

    def __init__(self, root: Path, *, quiet: bool) -> None:
        super().__init__(root, quiet=quiet)
        self._made: list[MadeCatalogue] = []

    @property
    def counts(self) -> dict[str, int]:
        """The number of eclipses, by what came of them."""
        return {"done": len(self.finished), "skipped, made already": len(self.there)}

    def as_dict(self, root: Path) -> dict[str, Any]:
        """Return what came of the eclipses, for machines."""
        return {"eclipses": [asdict(made) for made in self._made]}

    def making(self, what: Any, stage: str, done: int, total: int) -> None:
        """Show that an eclipse is being measured."""
        self._advance(what, stage, done / max(total, 1))

    def made(self, made: MadeCatalogue) -> None:
        """Print a line about it."""
        self._made.append(made)
        self._print(notes, in_words(made))


def in_words(made: MadeCatalogue) -> str:
    """Return what was made of an eclipse, as text."""
    return (
        f"eclipse {made.eclipse}: {counted(made.sources, 'source')}, "
        f"{made.in_both_bands:,} detected in both bands, {made.ambiguous:,} ambiguous"
    )


def catalogue_many(
    settings: Settings, eclipses: str, choices: CatalogueChoices, how: HowMany
) -> NoReturn:
    """Make the catalogues of many eclipses, say what came of it, and exit with a code of it.

    Parameters
    ----------
    settings : Settings
        Of the user.
    eclipses : str
        As it was typed.
    choices : dict
        Fields of `CatalogueOptions`.
    how : HowMany
        How it is done.
    """
    from gphoton_db.archive import Archive

    wanted = typed_eclipses(eclipses, [Band.NUV])
    with Archive(settings.archive) as archive:
        work = partial(archive.catalogue_many, wanted, **choices)
        carry_out(archive.paths.root, CatalogueDisplay, work, archive.paths.failed_catalogues, how)
