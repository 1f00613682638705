"""All that a server has at hand."""

from dataclasses import dataclass

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.serve.opened import ServedArchive
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.photons import KeptPhotons
from gphoton_db.serve.tile_files import TileFiles, tile_folder
from gphoton_db.serve.tiles import TileMaker
from gphoton_db.system.cores import usable_cores


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
    """

    archive: ServedArchive
    options: ServeOptions
    tiles: TileMaker

    @classmethod
    def of(cls, catalogue: Catalogue, options: ServeOptions) -> "Served":
        """Return what serves an archive."""
        archive = ServedArchive(catalogue)
        photons = KeptPhotons(options.memory_bytes, usable_cores())
        files = TileFiles(tile_folder(), options.disk_bytes)
        return cls(archive, options, TileMaker(archive, photons, files))

    @property
    def writable_notes(self) -> bool:
        """Whether notes can be written."""
        return False

    def close(self) -> None:
        """Let go of the archive."""
        self.archive.close()
