"""The parameters of a request, each of them checked."""

import math
import re
from collections.abc import Collection, Iterable

from gphoton_db.errors import GPhotonError
from gphoton_db.mission import Band
from gphoton_db.serve.refusals import RequestError

_NUMBER = re.compile(r"[+-]?(\d{1,20}(\.\d{0,20})?|\.\d{1,20})([eE][+-]?\d{1,3})?", re.ASCII)
_WHOLE = re.compile(r"\d{1,15}", re.ASCII)
_LEG = re.compile(r"(\d{1,6})\.(\d{1,3})", re.ASCII)

LONGEST_TEXT = 200
"""Characters."""

LATEST_S = 2_000_000_000.0
"""GALEX s, either way: some 60 years."""

Leg = tuple[int, int]
"""Eclipse, and number of the leg."""


class Parameters:
    """What stands behind the question mark.

    Parameters
    ----------
    pairs : iterable of (str, str)
        Names and values as they came.
    known : collection of str
        Names that are taken.

    Raises
    ------
    RequestError
        If there is another name, or one twice.
    """

    def __init__(self, pairs: Iterable[tuple[str, str]], known: Collection[str]) -> None:
        self._values: dict[str, str] = {}
        for name, value in pairs:
            if name not in known:
                names = ", ".join(sorted(known)) or "none"
                raise RequestError(f"there is no parameter {name[:40]!r} here: known are {names}")
            if name in self._values:
                raise RequestError(f"{name} is there twice: give it once")
            if len(value) > LONGEST_TEXT:
                raise RequestError(f"{name} has more than {LONGEST_TEXT} characters")
            self._values[name] = value

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; an empty one counts as left out."""
        value = self._values.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise RequestError(f"{name} is missing")
        return default

    def has(self, name: str) -> bool:
        """Return whether a value is given."""
        return bool(self._values.get(name, "").strip())

    def number(self, name: str, low: float, high: float, default: float | None = None) -> float:
        """Return a number from `low` to `high`."""
        if default is not None and not self.has(name):
            return default
        return checked_number(self.text(name), name, low, high)

    def whole(self, name: str, low: int, high: int, default: int | None = None) -> int:
        """Return a whole number from `low` to `high`."""
        if default is not None and not self.has(name):
            return default
        text = self.text(name)
        if not _WHOLE.fullmatch(text) or not low <= int(text) <= high:
            raise RequestError(f"{name} = {text!r}: give a whole number, {low} to {high}")
        return int(text)

    def choice(self, name: str, choices: Collection[str], default: str | None = None) -> str:
        """Return one of some words."""
        value = self.text(name, default)
        if value not in choices:
            raise RequestError(f"{name} = {value!r}: it is one of {', '.join(choices)}")
        return value

    def band(self, name: str = "band") -> Band:
        """Return a band."""
        return band_of(self.text(name), name)

    def bands(self, name: str = "bands") -> tuple[Band, ...]:
        """Return some bands; both where none is said."""
        if not self.has(name):
            return tuple(Band)
        return tuple(dict.fromkeys(band_of(each, name) for each in self.text(name).split(",")))

    def leg(self) -> Leg | None:
        """Return eclipse and number of a leg; None for all."""
        if not self.has("leg"):
            return None
        found = _LEG.fullmatch(self.text("leg"))
        if not found:
            raise RequestError(
                f"leg = {self.text('leg')!r}: it is an eclipse and a number, such as 23456.0"
            )
        return int(found[1]), int(found[2])

    def position(self) -> tuple[float, float]:
        """Return right ascension and declination, deg."""
        return self.number("ra", -180.0, 360.0) % 360.0, self.number("dec", -90.0, 90.0)

    def times(self) -> tuple[float, float] | None:
        """Return the range of time, GALEX s; None for all of it."""
        if not self.has("t0") and not self.has("t1"):
            return None
        first = self.number("t0", -LATEST_S, LATEST_S)
        last = self.number("t1", -LATEST_S, LATEST_S)
        if not first < last:
            raise RequestError(f"t0 = {first:g} is not before t1 = {last:g}")
        return first, last


def checked_number(text: str, name: str, low: float, high: float) -> float:
    """Return the number that a text says, from `low` to `high`.

    Raises
    ------
    RequestError
        If it is none, or outside.
    """
    value = float(text) if _NUMBER.fullmatch(text) else math.nan
    if not low <= value <= high:
        raise RequestError(f"{name} = {text!r}: give a number, {low:g} to {high:g}")
    return value


def band_of(text: str, name: str) -> Band:
    """Return the band that a text says.

    Raises
    ------
    RequestError
        If it is none.
    """
    try:
        return Band.parse(text)
    except GPhotonError as error:
        raise RequestError(f"{name}: {error}") from None
