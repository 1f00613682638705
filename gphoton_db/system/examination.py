"""What the machine gives this process, and whether that is enough: each a finding."""

import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib import metadata
from pathlib import Path

from gphoton_db.system.cores import usable_cores
from gphoton_db.system.leftovers import hidden_name

GIGABYTE = 1e9

ENOUGH_MEMORY = 2 * GIGABYTE
"""The whole pipeline on one visit takes up to 1.1 GB."""

ENOUGH_DISK, LEAST_DISK = 5 * GIGABYTE, 0.2 * GIGABYTE
"""A long visit takes 0.3 GB in the archive, and four times that while it is reduced."""

ENOUGH_FILES = 1024
"""A field of 500 visits has as many photon files, and as many of seconds."""

MOST_CLOCK_DIFFERENCE_S = 60.0


class Verdict(StrEnum):
    """How it is."""

    OK = "ok"
    NOTE = "note"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Parameters
    ----------
    what : str
        What it is.
    verdict : Verdict
        ``note``: something that is not there and need not be; ``warning``: something works less
        well; ``error``: it does not work.
    found : str
        What was found.
    remedy : str
        What to do about it; empty where it is well.
    """

    what: str
    verdict: Verdict
    found: str
    remedy: str = ""


def examine_machine(distribution: str) -> Iterator[Finding]:
    """Yield what the machine is, and what this process may use of it.

    Parameters
    ----------
    distribution : str
        The installed package, whose requirements are compared with what is installed.
    """
    yield Finding(
        "system", Verdict.OK, f"{platform.platform()}, Python {platform.python_version()}"
    )
    yield _versions(distribution)
    yield Finding("cores", Verdict.OK, f"{usable_cores()} of {os.cpu_count()} usable")
    yield _memory()
    yield from _open_files()
    yield examine_space("temporary files", Path(tempfile.gettempdir()))


def examine_space(what: str, folder: Path) -> Finding:
    """Return how much room there is on the disk of a folder."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    try:
        free = shutil.disk_usage(there).free
    except OSError as error:
        return Finding(what, Verdict.ERROR, f"{there}: {error.strerror}", "look at the disk")
    verdict = (
        Verdict.OK
        if free >= ENOUGH_DISK
        else Verdict.WARNING
        if free >= LEAST_DISK
        else Verdict.ERROR
    )
    remedy = "" if verdict is Verdict.OK else "make room: an ingest may fail with a full disk"
    return Finding(what, verdict, f"{folder}: {free / GIGABYTE:,.1f} GB free", remedy)


def examine_writing(folder: Path) -> Iterator[Finding]:
    """Yield whether files can be made in a folder, whether locks hold there, and its clock."""
    from filelock import FileLock

    what, file = "writing", folder / hidden_name("doctor")
    if not os.access(folder, os.W_OK | os.X_OK):
        found = f"{folder}: cannot be written to by this user"
        yield Finding(what, Verdict.NOTE, found, "reading works; to ingest, ask for permission")
        return
    try:
        file.touch()
        difference = file.stat().st_mtime - time.time()
        with FileLock(file, timeout=10):
            pass
    except (OSError, NotImplementedError) as error:
        remedy = "an archive that is written to must be on a file system with locks (flock)"
        yield Finding(what, Verdict.ERROR, f"{folder}: {error}", remedy)
        return
    finally:
        file.unlink(missing_ok=True)
    yield Finding(what, Verdict.OK, f"{folder}: files can be made and locked")
    if abs(difference) > MOST_CLOCK_DIFFERENCE_S:
        found = f"the disk's is {difference:+,.0f} s from this machine's"
        yield Finding("clock", Verdict.WARNING, found, "set both by the network")


def _versions(distribution: str) -> Finding:
    """Return the versions of what is required, and which of them are not as required."""
    from packaging.requirements import Requirement

    try:
        wanted = [Requirement(line) for line in metadata.requires(distribution) or ()]
    except metadata.PackageNotFoundError:
        return Finding("packages", Verdict.NOTE, f"{distribution} is not installed, only imported")
    found, wrong = [], []
    for each in wanted:
        if each.marker and not each.marker.evaluate({"extra": ""}):
            continue
        try:
            version = metadata.version(each.name)
        except metadata.PackageNotFoundError:
            wrong.append(f"{each.name} is missing")
            continue
        found.append(f"{each.name} {version}")
        if not each.specifier.contains(version, prereleases=True):
            wrong.append(f"{each.name} is {version}, not {each.specifier}")
    if wrong:
        return Finding("packages", Verdict.ERROR, "; ".join(wrong), "install gphoton-db again")
    return Finding("packages", Verdict.OK, ", ".join(found))


def _memory() -> Finding:
    """Return the memory that is free, and within a container's limit."""
    available, limit = _available(), _limit()
    if available is None:
        return Finding("memory", Verdict.NOTE, "cannot be told on this system")
    found = f"{available / GIGABYTE:.1f} GB available"
    if limit is not None:
        found += f", this process and its like may use {limit / GIGABYTE:.1f} GB"
        available = min(available, limit)
    if available >= ENOUGH_MEMORY:
        return Finding("memory", Verdict.OK, found)
    remedy = "run one job at a time (--jobs 1), and end other programs"
    return Finding("memory", Verdict.WARNING, found, remedy)


def _available() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text().splitlines()
        return next(float(line.split()[1]) * 1024 for line in lines if "MemAvailable" in line)
    except (OSError, ValueError, IndexError, StopIteration):
        return None


def _limit() -> float | None:
    """Return the limit of the container or job, bytes; None without one."""
    for name in ("memory.max", "memory/memory.limit_in_bytes"):
        try:
            limit = float((Path("/sys/fs/cgroup") / name).read_text())
        except (OSError, ValueError):
            continue
        if limit < 2**60:  # version 1 says a number without meaning for no limit
            return limit
    return None


def _open_files() -> Iterator[Finding]:
    if sys.platform == "win32":
        return
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    found = "no limit" if most == resource.RLIM_INFINITY else f"up to {most:,} at a time"
    if most == resource.RLIM_INFINITY or most >= ENOUGH_FILES:
        yield Finding("open files", Verdict.OK, found)
    else:
        remedy = f"ulimit -n {ENOUGH_FILES * 4}: fields with many visits need many files"
        yield Finding("open files", Verdict.WARNING, found, remedy)
