"""Options of the mission archive: addresses, limits, time-outs and repetitions."""

from dataclasses import dataclass, field

MAST_URL = "https://mast.stsci.edu/portal/Mashup/MashupQuery.asmx/GalexPhotonListQueryTest"
"""Where queries go, as ``?query=...&format=extjs``."""

CALIBRATION_URL = "https://archive.stsci.edu/prepds/gphoton/cal/cal/"
"""The folder of the calibration files."""

MISSION_HOSTS = ("*.stsci.edu",)
"""Hosts that files may always come from."""

MAX_FILE_BYTES = 4_000_000_000
"""The longest raw6 files have hundreds of megabytes."""

RESERVE_BYTES = 500_000_000
"""What a download leaves free on the disk."""

UNREACHABLE = 4
"""After so many eclipses or bands in a row for which there was no answer, no more is asked."""


@dataclass(frozen=True)
class Patience:
    """How long to wait for a server, and how often to ask it again; durations in seconds.

    Parameters
    ----------
    connect_timeout, read_timeout : float
        For a connection, and for the next bytes of it.
    slowest : float
        Bytes a second, over `read_timeout`: what is slower has stalled.
    retries : int
        Further attempts after one that failed: no connection, an error of the server, a break.
        A download that got ahead by a megabyte may fail as often again.
    pause : float
        Before the second attempt; doubled for each one after, with some jitter.
    longest_pause : float
        Between attempts, also where the server asks for more (``Retry-After``).
    polls : int
        How often to ask for the result of a query that is being executed.
    poll_pause : float
        Before the second time; it grows by half each time, up to `longest_poll_pause`.
    """

    connect_timeout: float = 15.0
    read_timeout: float = 60.0
    slowest: float = 1000.0
    retries: int = 5
    pause: float = 0.5
    longest_pause: float = 60.0
    polls: int = 60
    poll_pause: float = 1.0
    longest_poll_pause: float = 10.0


@dataclass(frozen=True)
class ServiceOptions:
    """Addresses of the mission archive, and limits on downloads.

    Parameters
    ----------
    mast_url : str
        Address of the query service.
    calibration_url : str
        Address of the folder of calibration files.
    allowed_hosts : tuple of str
        Hosts that files may come from, besides `MISSION_HOSTS` and those of the two addresses:
        ``host``, ``host:port`` or ``*.domain``.
    max_file_bytes : int
        No file may be longer.
    reserve_bytes : int
        Bytes of the disk that stay free.
    offline : bool
        Never use the network.
    patience : Patience
        Time-outs and repetitions.
    """

    mast_url: str = MAST_URL
    calibration_url: str = CALIBRATION_URL
    allowed_hosts: tuple[str, ...] = ()
    max_file_bytes: int = MAX_FILE_BYTES
    reserve_bytes: int = RESERVE_BYTES
    offline: bool = False
    patience: Patience = field(default_factory=Patience)
