"""The one exception hierarchy: everything that gphoton-db raises on purpose.

The message of each error names the file or value that is wrong, and the remedy.
The command line prints that message on one line (a quoted SQL statement follows on more lines)
and exits with 1.  Any other exception is a fault of the program and keeps its traceback.
"""


def not_installed(what: str, package: str, extra: str) -> str:
    """Return the message for what needs a package of an extra that is not installed."""
    return f"{what} needs {package}, which is not installed: pip install 'gphoton-db[{extra}]'"


class GPhotonError(Exception):
    """Base class of every error that gphoton-db raises on purpose."""


class TelemetryError(GPhotonError):
    """A raw6 file is missing, damaged, not raw6, or not the one that was asked for."""


class PointingError(GPhotonError):
    """A pointing file is missing, damaged, or does not cover the times in question."""


class CalibrationError(GPhotonError):
    """A calibration file is missing, has the wrong shape, or does not fit the visit."""


class ReductionError(GPhotonError):
    """The telemetry cannot be turned into photons: too few stims, separation out of range, ..."""


class UnsupportedEclipseError(ReductionError):
    """The eclipse belongs to a mission epoch that is not processed without an explicit override."""


class ServiceError(GPhotonError):
    """The mission archive cannot be reached, or its answer or file cannot be used."""


class UnreachableError(ServiceError):
    """A server gives no answer, or an error, after all repetitions."""


class OfflineError(ServiceError):
    """A file is missing, and the network must not be used."""


class ArchiveError(GPhotonError):
    """The archive cannot be opened, written, or understood."""


class ClusterError(GPhotonError):
    """A cluster cannot be used: not installed, not reached, no shared folder, another version."""


class EclipseListError(GPhotonError):
    """A list of eclipses cannot be read, or has an entry that is not valid."""


class QueryError(GPhotonError):
    """A query is not a single read-only statement, or DuckDB refused it."""


class SettingsError(GPhotonError):
    """The settings file, or an environment variable, has a value that cannot be used."""


class ProductError(GPhotonError):
    """A product cannot be made: unknown leg, no photons, a depth or a size that is not valid."""


class NoCoverageError(ProductError):
    """No ingested visit saw the place in the band and at the times that were asked for."""


class SimulationError(GPhotonError):
    """A scene, or an option of the simulator, cannot be simulated."""
