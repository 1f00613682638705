"""Hidden files that are being written, and those that a process left when it was killed.

The name of such a file says which process writes it: whoever writes into the same folder later
removes it if that process is gone.
"""

import functools
import hashlib
import logging
import os
import platform
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

logger = logging.getLogger(__name__)

OUTDATED_S = 86_400.0
"""How long the file of a process on another machine stays, which cannot be asked after."""

_NAME = re.compile(r"\..+\.gphoton-(?P<machine>[0-9a-f]{8})-(?P<process>\d+)-[0-9a-f]{8}")


def hidden_name(name: str) -> str:
    """Return a new name for a file that is to be called `name` when it is complete."""
    return f".{name}.gphoton-{_machine()}-{os.getpid()}-{secrets.token_hex(4)}"


def abandoned_files(folder: Path) -> Iterator[Path]:
    """Yield the files in a folder whose writers are gone.

    Parameters
    ----------
    folder : Path
        Not looked at below its own files; may be missing.
    """
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            match = _NAME.fullmatch(entry.name)
            if match and _is_gone(entry, match["machine"], int(match["process"])):
                yield Path(entry.path)


@functools.cache  # once a process: a folder may have thousands of files
def remove_abandoned(folder: Path) -> None:
    """Remove the files in a folder whose writers are gone."""
    for file in abandoned_files(folder):
        logger.info("removing %s, of a process that was killed", file)
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _is_gone(entry: "os.DirEntry[str]", machine: str, process: int) -> bool:
    if machine == _machine():
        return not _is_running(process)
    with suppress(OSError):
        return time.time() - entry.stat(follow_symlinks=False).st_mtime > OUTDATED_S
    return False


def _is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True  # somebody else's
    return True


@functools.cache
def _machine() -> str:
    """Return what tells machines apart, and containers on one, which number processes anew."""
    try:
        numbering = str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        numbering = ""
    return hashlib.sha256(f"{platform.node()} {numbering}".encode()).hexdigest()[:8]
