"""Kernels compiled ahead of their first use, side by side.

numba compiles a kernel when it is first called, and caches it on the disk.  In a process it
compiles one at a time, whatever the number of threads: so several processes do it, each a group
of kernels after the other, and the program then finds them in the cache.

A group is named ``module:function``; the function returns kernels, each with arguments of the
types that it is called with.  Layers further up name their groups; nothing of them is imported
here but by name.
"""

import importlib
import logging
import os
import queue
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gphoton_db.progress import COMPILING, Progress, counter
from gphoton_db.system.cores import usable_cores
from gphoton_db.system.kernel_cache import take_installed
from gphoton_db.system.threads import in_order

logger = logging.getLogger(__name__)

Call = tuple[Any, tuple[Any, ...]]
"""A kernel, and arguments of the types that it is called with."""

LONGEST_WAIT_S = 600.0
"""How long another process, which is compiling the same, is waited for."""

_FINISHED = "finished"

_THERE: set[str] = set()
"""Groups that this process has seen in the cache: to look again takes as long as to open a file."""


@dataclass(frozen=True)
class Compiled:
    """What was compiled ahead.

    Parameters
    ----------
    groups : tuple of str
        Groups of kernels that were not in numba's cache, or not all of them.
    failures : tuple of str
        What went wrong with some; those are compiled when they are used.
    seconds : float
        How long it took.
    processes : int
        How many worked.
    """

    groups: tuple[str, ...]
    failures: tuple[str, ...]
    seconds: float
    processes: int


def compile_ahead(groups: Sequence[str], on_progress: Progress) -> None:
    """Compile what is not in numba's cache; whatever goes wrong, the kernels are usable.

    Parameters
    ----------
    groups : sequence of str
        Names of groups of kernels that are about to be used.
    on_progress : callable
        Told ``(COMPILING, done, total)``, in groups, where there is something to do.
    """
    wanted = [group for group in groups if group not in _THERE]
    try:
        found = compile_missing(wanted, on_progress)
    except Exception as error:  # noqa: BLE001  an aid to speed must not end what it should speed up
        logger.info("no kernels could be compiled ahead (%s)", error)
        return
    if not found.failures:
        _THERE.update(wanted)
    for failure in found.failures:
        logger.info("compiled when it is used: %s", failure)


def compile_missing(
    groups: Sequence[str], on_progress: Progress, *, processes: int | None = None
) -> Compiled:
    """Compile what is not in numba's cache, in several processes; wait for others that do so.

    Parameters
    ----------
    groups : sequence of str
        Names of groups of kernels, those that take longest first.
    on_progress : callable
        Told ``(COMPILING, done, total)``, in groups, where there is something to do.
    processes : int, optional
        How many work at a time; by default one for each core.
    """
    start = time.monotonic()
    missing = missing_groups(groups) if groups else []
    if not missing:
        return Compiled((), (), time.monotonic() - start, 0)
    with _alone(missing[0]):
        missing = missing_groups(missing)
        number = min(processes or usable_cores(), len(missing))
        logger.info("%s: %d groups, %d processes", COMPILING, len(missing), number)
        failures = _compile(missing, number, on_progress) if missing else []
    return Compiled(tuple(missing), tuple(failures), time.monotonic() - start, number)


def missing_groups(groups: Sequence[str]) -> list[str]:
    """Return the groups with kernels that are not in numba's cache, in their order."""
    from numba.core import config

    if getattr(config, "DISABLE_JIT", False):  # made when numba is imported
        return []
    take_installed(kernel for name in groups for kernel, _ in calls_of(name))
    return [name for name in groups if not all(_is_cached(*call) for call in calls_of(name))]


def calls_of(group: str) -> list[Call]:
    """Return the kernels of a group, and what they are called with."""
    module, _, function = group.partition(":")
    calls: list[Call] = getattr(importlib.import_module(module), function)()
    return calls


def compile_group(group: str) -> None:
    """Compile the kernels of a group in this process, or load them from numba's cache."""
    from numba import typeof

    for kernel, arguments in calls_of(group):
        kernel.compile(tuple(typeof(argument) for argument in arguments))


def _is_cached(kernel: Any, arguments: tuple[Any, ...]) -> bool:
    """Return whether numba has compiled a kernel; True if it cannot be told."""
    from numba import typeof

    types = tuple(typeof(argument) for argument in arguments)
    try:
        # numba has no public way to ask without loading the code.
        cache = kernel._cache
        key = cache._index_key(types, kernel.targetctx.codegen())
        return key in cache._cache_file._load_index()
    except AttributeError as error:
        logger.debug("numba's cache cannot be asked: %s", error)
        return True


def _compile(groups: Sequence[str], number: int, on_progress: Progress) -> list[str]:
    """Compile groups in so many processes; return what went wrong."""
    add = counter(on_progress, COMPILING, len(groups))
    failures = []
    with _compilers(number) as idle:
        work = partial(_compiled_by_one, idle)
        for name, answer in zip(groups, in_order(work, groups, threads=number), strict=True):
            add(1)
            if answer != _FINISHED:
                failures.append(f"{name}: {answer or 'its process ended'}")
    return failures


def _compiled_by_one(idle: "queue.SimpleQueue[_Compiler]", group: str) -> str:
    compiler = idle.get()
    try:
        return compiler.compile(group)
    finally:
        idle.put(compiler)


@contextmanager
def _compilers(number: int) -> "Iterator[queue.SimpleQueue[_Compiler]]":
    compilers = [_Compiler() for _ in range(number)]
    idle: queue.SimpleQueue[_Compiler] = queue.SimpleQueue()
    for compiler in compilers:
        idle.put(compiler)
    try:
        yield idle
    finally:
        for compiler in compilers:
            compiler.end()


class _Compiler:
    """A process that compiles; it ends when we do."""

    def __init__(self) -> None:
        # The same modules as ours, wherever they come from; not those of the current folder.
        path = os.pathsep.join(path or "." for path in sys.path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", __name__],
            env={**os.environ, "PYTHONPATH": path},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def compile(self, group: str) -> str:
        """Compile a group; return `_FINISHED`, or what went wrong."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(f"{group}\n")
            self._process.stdin.flush()
        except OSError as error:
            return str(error)
        return self._process.stdout.readline().strip()

    def end(self) -> None:
        """End the process, whatever it is doing."""
        self._process.kill()
        self._process.communicate()


@contextmanager
def _alone(group: str) -> Iterator[None]:
    """Keep other processes from compiling the same; go on without where that cannot be."""
    from filelock import FileLock, Timeout

    kernel, _ = calls_of(group)[0]
    lock = FileLock(Path(kernel.stats.cache_path) / "gphoton-compiling.lock")
    try:
        lock.acquire(timeout=LONGEST_WAIT_S)
    except (OSError, NotImplementedError, Timeout) as error:
        logger.debug("compiling without a lock: %s", error)
    try:
        yield
    finally:
        lock.release()


def main() -> None:
    """Compile the groups that standard input names, and say so after each."""
    import gc

    # numba makes objects by the million, nearly all of which stay.
    gc.set_threshold(200_000, 50, 50)
    for line in sys.stdin:
        try:
            compile_group(line.strip())
            answer = _FINISHED
        except Exception as error:  # noqa: BLE001  told to whoever asked
            answer = f"{type(error).__name__}: {error}".splitlines()[0]
        print(answer, flush=True)  # noqa: T201  this is the answer


if __name__ == "__main__":
    main()
