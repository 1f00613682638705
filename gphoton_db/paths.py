"""Every path inside an archive, from one place."""

from dataclasses import dataclass
from pathlib import Path

from gphoton_db.mission import Band

KINDS = ("photons", "ticks", "aspect")
"""The kinds of Parquet files that a leg has, each a folder of the archive and a view."""

SECONDS = "seconds"
"""The kind of file that stands for a leg's ticks where whole seconds are enough: the same events
by the second.  Legs that were ingested by an older gphoton-db have none."""

FILE_KINDS = (*KINDS, SECONDS)
"""All of them, each a folder of the archive."""

SURVEY = "survey"
"""Folder of the tables that are of the whole archive: objects, and checks of astrometry."""

ENTRIES = (
    *("gphoton.duckdb", "gphoton.lock", "catalogue", "staging"),
    *FILE_KINDS,
    *("sources", "photometry", "entries", "variables", "merged", SURVEY),
)
"""What is directly in an archive and its own: none of it may be a link that leads out of it."""

SEGMENTED = (
    *("legs", "leg_files", "shutter_gaps", "coverage"),
    *("source_files", "ingests", "products"),
)
"""The tables of the catalogue that grow with the archive: they are files, see `segment_file`."""

DEFAULT_SET = "default"
"""Name of the calibration set that lies in the folder ``calibration`` itself."""


@dataclass(frozen=True)
class ArchivePaths:
    """Where things are in the archive at `root`.

    Parquet files are named after the ingest that wrote them (`generation`), so a new version of a
    leg never has the name of an old one: what counts is what the catalogue lists.
    """

    root: Path

    @property
    def catalogue(self) -> Path:
        """The DuckDB file."""
        return self.root / "gphoton.duckdb"

    @property
    def segments(self) -> Path:
        """The files of the tables that grow with the archive."""
        return self.root / "catalogue"

    @property
    def lock(self) -> Path:
        """Held while the catalogue is being replaced."""
        return self.root / "gphoton.lock"

    @property
    def failed(self) -> Path:
        """The list of what could not be ingested, while there is any."""
        return self.root / "failed-eclipses.csv"

    @property
    def failed_runs(self) -> Path:
        """The list of what no products could be made of, while there is any."""
        return self.root / "failed-runs.csv"

    @property
    def failed_catalogues(self) -> Path:
        """The list of what no catalogue could be made of, while there is any."""
        return self.root / "failed-catalogues.csv"

    @property
    def failed_variables(self) -> Path:
        """The list of eclipses whose variables could not be measured, while there is any."""
        return self.root / "failed-variables.csv"

    @property
    def staging(self) -> Path:
        """Files that belong to no committed leg yet, one folder an ingest."""
        return self.root / "staging"

    @property
    def raw6(self) -> Path:
        """Telemetry that was fetched."""
        return self.root / "raw6"

    @property
    def pointing(self) -> Path:
        """Pointing files that were fetched or imported."""
        return self.root / "pointing"

    @property
    def calibration(self) -> Path:
        """Calibration files that were fetched."""
        return self.root / "calibration"

    @property
    def consolidated(self) -> Path:
        """Consolidated pointing tables that were imported."""
        return self.pointing / "consolidated"

    @property
    def next_catalogue(self) -> Path:
        """The next DuckDB file, while it is being made, in a folder of its own."""
        return self.staging / "catalogue" / self.catalogue.name


def raw6_name(eclipse: int, band: Band) -> str:
    """Return the usual name of a telemetry file."""
    return f"e{eclipse:05d}-{band.letter}d-raw6.fits.gz"


def scst_name(eclipse: int) -> str:
    """Return the usual name of a spacecraft-state file."""
    return f"e{eclipse:05d}-scst.fits.gz"


def leg_folder(kind: str, band: Band, eclipse: int, leg: int) -> str:
    """Return the folder of a leg's files, relative to the root (hive partitions, unpadded)."""
    return f"{kind}/band={band}/eclipse={eclipse}/leg={leg}"


def photon_file(band: Band, eclipse: int, leg: int, generation: str, part: int) -> str:
    """Return the name of one part of a leg's photons, relative to the root."""
    return f"{leg_folder('photons', band, eclipse, leg)}/{generation}-{part}.parquet"


def leg_file(kind: str, band: Band, eclipse: int, leg: int, generation: str) -> str:
    """Return the name of a leg's only file of a kind, relative to the root."""
    return f"{leg_folder(kind, band, eclipse, leg)}/{generation}.parquet"


def segment_file(table: str, block: int, commit: str) -> str:
    """Return the name of a file with some of a catalogue table's rows, relative to the root.

    Parameters
    ----------
    table : str
        One of `SEGMENTED`.
    block : int
        Number of the block of eclipses; below 0 for the rows of no one eclipse.
    commit : str
        Name of the commit that wrote it; of two names the later one is the newer.
    """
    return f"catalogue/{table}/{'none' if block < 0 else block}-{commit}.parquet"
