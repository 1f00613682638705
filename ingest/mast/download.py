"""One file from the network into its folder: whole and checked, or not at all."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from gphoton_db.errors import GPhotonError, ServiceError
from gphoton_db.ingest.mast.client import Client, pause_before
from gphoton_db.ingest.mast.content import Check
from gphoton_db.ingest.mast.hosts import shown
from gphoton_db.ingest.mast.pace import BrokenTransferError
from gphoton_db.ingest.mast.partial import LOCK, Partial
from gphoton_db.ingest.mast.receive import Told, receive
from gphoton_db.progress import Progress, no_progress
from gphoton_db.system.durable import move_durably
from gphoton_db.system.fetched import describe_fetched, record_fetched

log = logging.getLogger(__name__)

LONGEST_WAIT_S = 3600.0
"""How long to wait for another process that fetches the same file."""

_AHEAD_BYTES = 1_000_000
"""A download that got so far ahead before it broke off may break off as often again."""

_SUMMED = (".gz",)
"""Files that tell by a checksum of their own when parts of two versions were put together."""


@dataclass(frozen=True)
class Wanted:
    """A file to be fetched.

    Parameters
    ----------
    url : str
        Where it is.
    folder : Path
        Where it goes; made if need be.
    name : str
        What we call it there: never what the server does.
    check : callable
        Told the path of the complete file; raises a `GPhotonError` if it is not what it should
        be.
    """

    url: str
    folder: Path
    name: str
    check: Check

    @property
    def target(self) -> Path:
        """Where it will be."""
        return self.folder / self.name


def download(client: Client, wanted: Wanted, *, on_progress: Progress = no_progress) -> bool:
    """Fetch a file, unless it is there.

    The bytes go to a temporary name beside it, are resumed after a break, also one of an earlier
    process, and checked; then the file gets its name in one step.  Another process or thread that
    wants the same file waits, and finds it.

    Parameters
    ----------
    client : Client
        To ask.
    wanted : Wanted
        What to fetch.
    on_progress : callable
        Told ``(name, bytes done, bytes in all)``; the last is 0 where the server does not say.

    Returns
    -------
    bool
        Whether it was fetched; False = it was there.

    Raises
    ------
    ServiceError
        If it cannot be had, is not what it should be, or there is no room for it.  Whatever was
        there stays as it was.
    """
    if wanted.target.exists():
        return False
    try:
        wanted.folder.mkdir(parents=True, exist_ok=True)
        with only_here(wanted.target):
            if wanted.target.exists():
                return False
            _fetch(client, wanted, lambda done, total: on_progress(wanted.name, done, total))
    except OSError as error:
        where = error.filename or wanted.target
        raise ServiceError(f"{where}: cannot be written ({error.strerror or error})") from None
    return True


@contextmanager
def only_here(target: Path) -> Iterator[None]:
    """Keep other processes and threads from making the same file; wait for one that does.

    Raises
    ------
    ServiceError
        If another one does not come to an end.
    """
    lock_file = target.with_name(target.name + LOCK)
    lock = FileLock(lock_file)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("%s: is being fetched already; waiting", target)
        try:
            lock.acquire(timeout=LONGEST_WAIT_S)
        except Timeout:
            raise ServiceError(
                f"{lock_file}: another process has held it for {LONGEST_WAIT_S:g} s; end that "
                "process and try again"
            ) from None
    try:
        yield
    finally:
        # Whoever waits looks whether the file that it has locked is still the one of this name.
        lock_file.unlink(missing_ok=True)
        lock.release()


def _fetch(client: Client, wanted: Wanted, told: Told) -> None:
    partial = Partial(wanted.target)
    joined = _receive_all(client, wanted, partial, told)
    try:
        wanted.check(partial.path)
    except GPhotonError as error:
        if not joined:
            raise _not_wanted(wanted, partial, error) from None
        # Perhaps put together from two versions: once more, from the beginning.
        log.info("%s: damaged after it was resumed (%s); fetching it anew", wanted.name, error)
        partial.discard()
        _receive_all(client, wanted, partial, told)
        try:
            wanted.check(partial.path)
        except GPhotonError as again:
            raise _not_wanted(wanted, partial, again) from None
    entry = describe_fetched(partial.path, wanted.name, shown(wanted.url))
    record_fetched(wanted.folder, entry)
    move_durably(partial.path, wanted.target)
    partial.finish()


def _not_wanted(wanted: Wanted, partial: Partial, error: GPhotonError) -> ServiceError:
    partial.discard()
    return ServiceError(f"{shown(wanted.url)}: what came is not {wanted.name}: {error}")


def _receive_all(client: Client, wanted: Wanted, partial: Partial, told: Told) -> bool:
    """Receive a file to its end; return whether it was put together from several answers."""
    patience, failures, joined = client.options.patience, 0, False
    most = partial.size
    resume = wanted.name.endswith(_SUMMED)
    while True:
        before = partial.size
        joined = joined or before > 0
        try:
            receive(client, wanted.url, partial, resume=resume, told=told)
            return joined
        except BrokenTransferError as error:
            # Ahead of all that ever came: a server that always has us begin anew gets nowhere.
            ahead = partial.size - most >= _AHEAD_BYTES
            failures, most = (0, partial.size) if ahead else (failures + 1, most)
            if failures > patience.retries:
                raise ServiceError(
                    f"{shown(wanted.url)}: broke off {failures} times without getting ahead "
                    f"({error}); the next attempt goes on with the {partial.size:,} bytes that "
                    "are there"
                ) from None
            log.info("%s: broke off (%s); going on", wanted.name, error)
        time.sleep(pause_before(max(failures, 1), patience))
