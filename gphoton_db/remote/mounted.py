"""A version of an archive that is afar, with its catalogue in a folder of this machine."""

from dataclasses import dataclass
from pathlib import Path

from gphoton_db.remote.kept import WHOLE, digest_of, write_whole
from gphoton_db.remote.parts import MissingFileError
from gphoton_db.remote.pointer import Pointer, calibration_name
from gphoton_db.remote.store import RangeStore

PROTOCOL = "gphoton"
"""Begins what DuckDB calls files that are afar."""


@dataclass(frozen=True, eq=False)
class Mounted:
    """An archive that is afar.

    Parameters
    ----------
    address : str
        Where it is.
    pointer : Pointer
        Its version.
    root : Path
        The folder that stands for it, with the catalogue.
    store : RangeStore
        Its files.
    """

    address: str
    pointer: Pointer
    root: Path
    store: RangeStore

    @property
    def sql_root(self) -> str:
        """What DuckDB calls its folder."""
        return f"{PROTOCOL}://{self.root.parent.name}"

    def shown(self, name: str) -> str:
        """Return the address of a file; ``.`` is that of the archive."""
        return self.address if name == "." else f"{self.address}/{name}"

    def kept_calibration(self, name: str, sha256: str) -> Path | None:
        """Return a file of calibration, which is fetched once; None where it was not published.

        Raises
        ------
        ArchiveError
            If it cannot be fetched or kept.
        """
        published = calibration_name(name, sha256)
        file = self.root.parent / WHOLE / published
        if not file.exists() or digest_of(file.read_bytes()) != sha256:
            try:
                content = self.store.source.whole(published)
            except MissingFileError:
                return None
            if digest_of(content) != sha256:
                return None
            write_whole(file, content)
        return file
