"""Kinds of hardship: what a command has to live with, by chance."""

import os
import resource
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from tests.campaign.forked import nothing

NOBODY = 65534
"""User and group of nobody."""


@dataclass(frozen=True)
class Hardship:
    """What a command has to live with.

    Parameters
    ----------
    name : str
        Row of the table.
    words : tuple of str
        The command.
    begins : callable
        Makes the archive, in a folder of a name.
    prepare : callable
        Called in the command's process before it begins.
    environment : dict
        Variables that are set, or unset where None, in a process of its own.
    arrange, undo : callable
        Called with the archive's folder before and after.
    """

    name: str
    words: tuple[str, ...]
    begins: Callable[[str], Path]
    prepare: Callable[[], object]
    environment: dict[str, str | None] = field(default_factory=dict)
    arrange: Callable[[Path], object] = lambda _root: None
    undo: Callable[[Path], object] = lambda _root: None


Make = Callable[[np.random.Generator, tuple[str, ...], Callable[[str], Path]], Hardship]


def full_disk(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    """No file may grow beyond some bytes, or the archive is on a file system that is full."""
    size = int(2 ** rng.uniform(6, 17))
    if rng.random() < 0.5 and os.geteuid() == 0:
        free = int(2 ** rng.uniform(12, 20))
        return Hardship(
            f"{free} bytes free",
            words,
            begins,
            nothing,
            arrange=partial(_mounted, free),
            undo=_unmounted,
        )
    return Hardship(f"files of {size} bytes", words, begins, partial(_limit_files, size))


def _limit_files(size: int) -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _mounted(free: int, root: Path) -> None:
    """Put an archive on a small file system in memory, with so many bytes free."""
    beside = root.with_name(f"{root.name}-before")
    shutil.rmtree(beside, ignore_errors=True)
    if root.exists():
        root.rename(beside)
    root.mkdir()
    used = sum(-(-file.stat().st_size // 4096) * 4096 for file in beside.rglob("*"))
    size = f"size={used + free + 65_536}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(root)], check=True)
    if beside.exists():
        shutil.copytree(beside, root, dirs_exist_ok=True)


def _unmounted(root: Path) -> None:
    """Put what is there where it was, on a file system with room."""
    beside = root.with_name(f"{root.name}-after")
    shutil.rmtree(beside, ignore_errors=True)
    shutil.copytree(root, beside)
    subprocess.run(["umount", str(root)], check=True)
    root.rmdir()
    beside.rename(root)
    shutil.rmtree(root.with_name(f"{root.name}-before"), ignore_errors=True)


def no_permissions(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    """Nobody runs it, in an archive of root's of which some folders are readable, or none."""
    kind = str(rng.choice(["read-only", "one read-only", "one closed"]))
    return Hardship(
        f"nobody, {kind}",
        words,
        begins,
        _be_nobody,
        arrange=partial(_closed, kind, rng),
        undo=_opened,
    )


def _be_nobody() -> None:
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)


def _closed(kind: str, rng: np.random.Generator, root: Path) -> None:
    if not root.exists():
        root.mkdir()
    folders = [root, *(path for path in sorted(root.rglob("*")) if path.is_dir())]
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    if kind != "read-only":
        for path in (root, *root.rglob("*")):
            path.chmod(0o777 if path.is_dir() else 0o666)
        chosen = folders[int(rng.integers(len(folders)))]
        chosen.chmod(0o555 if kind == "one read-only" else 0o000)


def _opened(root: Path) -> None:
    for path in (root, *root.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        os.chown(path, 0, 0)


def few_handles(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    number = int(rng.integers(6, 40))
    return Hardship(f"{number} handles", words, begins, partial(_limit_handles, number))


def _limit_handles(number: int) -> None:
    resource.setrlimit(resource.RLIMIT_NOFILE, (number, number))


def little_memory(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    """So much more address space than the process has when it begins."""
    more = int(rng.choice([0, 16, 64, 256, 1024]))
    return Hardship(f"{more} MB more", words, begins, partial(_limit_memory, more << 20))


def _limit_memory(more: int) -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    size = pages * os.sysconf("SC_PAGE_SIZE") + more
    resource.setrlimit(resource.RLIMIT_AS, (size, size))


ENVIRONMENTS: dict[str, dict[str, str | None]] = {
    "no HOME": {"HOME": None, "XDG_CACHE_HOME": None, "XDG_CONFIG_HOME": None},
    "HOME that is not there": {"HOME": "/nowhere/at/all"},
    "LANG=C": {"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"},
    "an unknown language": {"LANG": "xx_YY.none", "LC_ALL": "xx_YY.none"},
    "an odd time zone": {"TZ": "Pacific/Kiritimati"},
    "no time zone": {"TZ": "none/such"},
    "no PATH": {"PATH": ""},
    "no TMPDIR": {"TMPDIR": "/nowhere/at/all"},
    "a dumb terminal": {"TERM": "dumb", "COLUMNS": "1", "LINES": "0"},
    "no terminal": {"TERM": None, "COLUMNS": "x"},
    "warnings are errors": {"PYTHONWARNINGS": "error::ResourceWarning"},
    "optimised": {"PYTHONOPTIMIZE": "2"},
}


def odd_environment(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    names = [*ENVIRONMENTS, "umask 077", "umask 777", "standard output closed", "all closed"]
    name = str(rng.choice(names))
    prepares: dict[str, Callable[[], Any]] = {
        "umask 077": partial(os.umask, 0o077),
        "umask 777": partial(os.umask, 0o277),
        "standard output closed": partial(os.close, 1),
        "all closed": partial(os.closerange, 0, 3),
    }
    prepare = prepares.get(name, nothing)
    return Hardship(name, words, begins, prepare, ENVIRONMENTS.get(name, {}))


def odd_folder(
    rng: np.random.Generator, words: tuple[str, ...], begins: Callable[[str], Path]
) -> Hardship:
    """The archive's folder has a long name, or one that shells, SQL and encodings stumble over."""
    names = ["n" * 200, "é\u0301 ★ 星", "a b'c\"d", "x%20y#z?", "[a]*{b}", "-rf", "a\nb", "$HOME;~"]
    name = str(rng.choice(names))

    def begin(folder: str) -> Path:
        parent = begins(folder).parent / f"{folder}-inside"
        shutil.rmtree(parent, ignore_errors=True)
        parent.mkdir()
        root = parent.parent / folder
        return root.rename(parent / name) if root.exists() else parent / name

    return Hardship(f"in {name[:20]!r}", words, begin, nothing)
