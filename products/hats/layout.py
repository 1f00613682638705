"""Names of the files and folders of a HATS collection, and its texts (HATS 1.0)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.products.hats.partitions import INDEX_ORDER
from gphoton_db.products.marked_folders import MARK

MARGIN_ARCSEC = 10.0
"""Everything nearer than this to a partition is in its margin."""

INDEX = "_healpix_29"
"""The column of the number of a row's position."""


@dataclass(frozen=True)
class Collection:
    """A folder with a table and its margins.

    Parameters
    ----------
    folder : Path
        Where it is.
    name : str
        Of the table: ``photons``, ``sources``, ``lightcurves``.
    kind : str
        ``object`` or ``source``, as HATS has it.
    """

    folder: Path
    name: str
    kind: str

    @property
    def margin_name(self) -> str:
        """Name of the table of rows beside each partition."""
        return f"{self.name}_{MARGIN_ARCSEC:.0f}arcs"

    @property
    def tables(self) -> tuple[Path, Path]:
        """Folders of the table, and of its margins."""
        return self.folder / self.name, self.folder / self.margin_name

    @property
    def notes(self) -> Path:
        """Folder of what the next export has to know; hidden, for it is none of HATS."""
        return self.folder / MARK

    def properties(self, date: str) -> str:
        """Return the text of the collection's own properties."""
        return _text(
            "HATS Collection",
            {
                "obs_collection": self.name,
                "hats_primary_table_url": self.name,
                "all_margins": self.margin_name,
                "default_margin": self.margin_name,
                **_made(date),
            },
        )

    def table_properties(self, date: str, shape: Mapping[str, str], *, margin: bool) -> str:
        """Return the text of the properties of the table, or of its margins.

        Parameters
        ----------
        date : str
            When it was made, as HATS writes times.
        shape : mapping
            What was counted.
        margin : bool
            Of which of the two.
        """
        of_margin = {
            "hats_primary_table_url": self.name,
            "hats_margin_threshold": f"{MARGIN_ARCSEC}",
        }
        return _text(
            "HATS catalog",
            {
                "obs_collection": self.margin_name if margin else self.name,
                "dataproduct_type": "margin" if margin else self.kind,
                "hats_col_ra": "ra",
                "hats_col_dec": "dec",
                "hats_col_healpix": INDEX,
                "hats_col_healpix_order": str(INDEX_ORDER),
                "hats_npix_suffix": "/",
                **(of_margin if margin else {}),
                **shape,
                **_made(date),
            },
        )


def partition_folder(table: Path, order: int, pixel: int) -> Path:
    """Return the folder of the files of a partition."""
    large = pixel // 10_000 * 10_000
    return table / "dataset" / f"Norder={order}" / f"Dir={large}" / f"Npix={pixel}"


def _made(date: str) -> dict[str, str]:
    from gphoton_db._version import __version__

    return {
        "hats_builder": f"gphoton-db {__version__}",
        "hats_creation_date": date,
        "hats_version": "v1.0",
    }


def _text(title: str, values: Mapping[str, str]) -> str:
    return "".join([f"#{title}\n", *(f"{name}={value}\n" for name, value in values.items())])
