"""What came of a damaged input: the classes of the campaign's table."""

import signal
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from gphoton_db.errors import GPhotonError


class Outcome(StrEnum):
    """What came of a try."""

    CLEAR_ERROR = "clear error"
    ACCEPTED = "accepted"
    """Read without an error; whoever tries says whether it may be."""
    WRONG = "wrong, nothing said"
    TRACEBACK = "traceback"
    """An exception that is not meant for a user."""
    HANG = "hang"


LONGEST_S = 120
"""What takes longer than that hangs."""


class HangError(BaseException):
    """A try takes too long."""


class SilentlyWrongError(Exception):
    """What was read without a word is not what was written."""


@dataclass(frozen=True)
class Try:
    """One damaged input: what was done to it, and the reading of it."""

    damage: str
    read: Callable[[], Any]


@dataclass(frozen=True)
class Tried:
    """What came of one."""

    damage: str
    outcome: Outcome
    said: str = ""


def attempt(one: Try, seconds: int = LONGEST_S) -> Tried:
    """Read a damaged input; what takes longer than so many seconds hangs (0: it ends by itself)."""
    try:
        with _limited(seconds):
            one.read()
    except HangError:
        return Tried(one.damage, Outcome.HANG, f"not ended after {seconds} s")
    except GPhotonError as error:
        return Tried(one.damage, Outcome.CLEAR_ERROR, str(error))
    except SilentlyWrongError as error:
        return Tried(one.damage, Outcome.WRONG, str(error))
    except Exception as error:  # noqa: BLE001  that is what is looked for
        return Tried(one.damage, Outcome.TRACEBACK, f"{type(error).__name__}: {error}")
    return Tried(one.damage, Outcome.ACCEPTED)


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    """Raise `HangError` after some time, in the main thread."""

    def end(_number: int, _frame: object) -> None:
        raise HangError

    before = signal.signal(signal.SIGALRM, end)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def run(tries: Iterable[Try]) -> list[Tried]:
    """Try all of some damaged inputs."""
    return [attempt(one) for one in tries]


def table(results: Iterable[Tried]) -> Counter[Outcome]:
    """Return how many came to what."""
    return Counter(tried.outcome for tried in results)
