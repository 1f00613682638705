"""The parts of an archive that an ingest uses."""

from dataclasses import dataclass
from pathlib import Path

from gphoton_db.calibration.sets import chosen_folder
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.errors import CalibrationError, PointingError, TelemetryError
from gphoton_db.intake.inputs import GivenInputs
from gphoton_db.intake.options import IngestOptions
from gphoton_db.paths import ArchivePaths
from gphoton_db.remote.address import is_address
from gphoton_db.service import ServiceOptions


@dataclass(frozen=True, eq=False)
class ArchiveWriter:
    """An archive that photons are added to.

    Parameters
    ----------
    catalogue : Catalogue
        Knows where the archive is, and takes what was reduced.
    service : ServiceOptions
        Where inputs that are missing are fetched from, and whether they may be.
    """

    catalogue: Catalogue
    service: ServiceOptions

    @property
    def paths(self) -> ArchivePaths:
        """Where everything of the archive is."""
        return self.catalogue.paths

    def given(self, options: IngestOptions) -> GivenInputs:
        """Return the inputs that the options name."""
        calibration = options.calibration
        return GivenInputs(
            _path(options.raw6),
            _path(options.pointing),
            chosen_folder(self.paths.calibration, calibration) if calibration else None,
        )


def check_named(options: IngestOptions, paths: ArchivePaths) -> None:
    """Refuse inputs that are named and do not exist, before an archive is made for them.

    Raises
    ------
    TelemetryError, PointingError, CalibrationError
        If there is no such file or folder.
    """
    if paths.catalogue.exists():
        return  # which logs what failed
    given = ArchiveWriter(Catalogue(paths), ServiceOptions()).given(options)
    named = (
        ("raw6", given.raw6, TelemetryError),
        ("pointing", given.pointing, PointingError),
        ("calibration", given.calibration, CalibrationError),
    )
    for name, path, error in named:
        if path is not None and not is_address(path) and not path.exists():
            raise error(f"{path}: there is no such file or directory ({name})")


def _path(path: str | Path | None) -> Path | None:
    return Path(path).expanduser() if path else None
