"""VOTables of others, looked through before they are read.

A VOTable may say that its data are in another file or at an address, and how many rows to make
room for; neither is done on the word of a file.
"""

import math
import re
from collections.abc import Mapping
from xml.parsers import expat

LARGEST_CELL = 100_000
"""Items of one value: an array, or text."""

MOST_DEPTH = 200
"""Of elements in elements."""

SPARE_ITEMS = 10_000_000
"""Values that any file may announce."""


def check_votable(content: bytes) -> None:
    """Check that a VOTable has its data in itself, and announces no more than it can have.

    Raises
    ------
    ValueError
        If it is not XML, names another file or address for its data, declares entities, or
        announces more rows or larger values than there can be.
    """
    _Announced(len(content)).read(content)


class _Announced:
    """What the elements of one document say of its size."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._depth = 0
        self._rows = 0
        self._items = 0

    def read(self, content: bytes) -> None:
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(content, True)
        except expat.ExpatError as error:
            raise ValueError(f"it is no whole XML: {error}") from None

    def _start(self, name: str, attributes: Mapping[str, str]) -> None:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ValueError(f"its elements are nested more than {MOST_DEPTH} deep")
        tag = name.rpartition(":")[2].upper()
        given = {key.rpartition(":")[2].lower(): value for key, value in attributes.items()}
        if tag == "STREAM" and "href" in given:
            raise ValueError(
                f"its data are elsewhere ({given['href'][:80]!r}), and are not fetched: save the "
                "table with its data in it"
            )
        if tag == "TABLE":
            self._rows, self._items = _whole(given.get("nrows", "")), 0
            self._check_rows()
        if tag in ("FIELD", "PARAM"):
            self._field(given.get("arraysize", ""))

    def _field(self, arraysize: str) -> None:
        items = math.prod(map(_whole, re.findall(r"\d+", arraysize))) if arraysize else 1
        if items > LARGEST_CELL:
            raise ValueError(f"a column has arraysize {arraysize[:80]!r}, beyond {LARGEST_CELL}")
        self._items += items
        self._check_rows()

    def _check_rows(self) -> None:
        most = max(SPARE_ITEMS, 64 * self._length)
        if self._rows > self._length or self._rows * self._items > most:
            raise ValueError(f"it announces {self._rows} rows, and has {self._length} bytes")

    def _end(self, name: str) -> None:
        self._depth -= 1

    def _entity(self, *declared: object) -> None:
        raise ValueError("it declares entities, which no VOTable needs")


def _whole(text: str) -> int:
    """Return a whole number of any length, up to 10**18; 0 where it is none."""
    digits = text.strip().lstrip("+0")
    if not digits.isascii() or not digits.isdigit():
        return 0
    return int(digits) if len(digits) < 18 else 10**18
