"""All that a server has at hand."""

import logging
from dataclasses import dataclass, field
from typing import Any

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.serve.hips import ServedHips
from gphoton_db.serve.notes import Notes, notes_file
from gphoton_db.serve.opened import ServedArchive
from gphoton_db.serve.opening import Opening
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.photons import KeptPhotons
from gphoton_db.serve.statements import Statements
from gphoton_db.serve.tile_files import TileFiles, tile_folder
from gphoton_db.serve.tiles import TileMaker
from gphoton_db.system.cores import usable_cores

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Served:
    """An archive, and what is kept of it for the next request.

    Parameters
    ----------
    archive : ServedArchive
        What is served.
    options : ServeOptions
        How.
    tiles : TileMaker
        Makes tiles of the sky.
    hips : ServedHips
        The same as a HiPS.
    statements : Statements
        Runs SQL.
    notes : Notes
        Of the page's user.
    summaries : dict
        What `visits.summary` said last, by the archive's generation.
    opening : Opening
        Of the page.
    """

    archive: ServedArchive
    options: ServeOptions
    tiles: TileMaker
    hips: ServedHips
    statements: Statements
    notes: Notes
    summaries: dict[str, dict[str, Any]] = field(default_factory=dict)
    opening: Opening = field(default_factory=Opening)

    @classmethod
    def of(cls, catalogue: Catalogue, options: ServeOptions) -> "Served":
        """Return what serves an archive."""
        archive = ServedArchive(catalogue)
        photons = KeptPhotons(options.memory_bytes, usable_cores())
        files = TileFiles(tile_folder(), options.disk_bytes)
        tiles = TileMaker(archive, photons, files)
        return cls(
            archive,
            options,
            tiles,
            ServedHips(archive, tiles),
            Statements(archive.name, options.sql_seconds, options.sql_rows),
            Notes(notes_file(archive.name), archive.name),
        )

    def prepare(self) -> None:
        """Read the leg that the page begins at, before it asks for it.

        A browser that opens the page, now or meanwhile, has the processor first, until that shows
        outlines: it takes both cores for half a second.
        """
        self.opening.wait()
        try:
            leg = self.archive.legs().begin
            if leg is not None:
                self.tiles.prepare(leg, self.opening.give_way)
        except Exception as error:  # noqa: BLE001 -- who asks for it is told
            logger.debug("the first view is not prepared (%s)", error)

    def close(self) -> None:
        """Let go of the archive."""
        self.statements.close()
        self.archive.close()
