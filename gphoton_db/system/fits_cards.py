"""FITS headers and tables that are plain, read without astropy, which takes longer to load.

Plain are those that leave nothing to judge: each card is as the standard wants it, each keyword is
there once, each column holds one number a row, and the file ends where its headers say.  Whatever
is not is left to astropy.
"""

import math
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gphoton_db.system.fits_sizes import BLOCK, MOST_AXES, MOST_COLUMNS, MOST_HDUS, ends_header

if TYPE_CHECKING:
    from astropy.io.fits import Header

_CARD = re.compile(
    r"([A-Z0-9_-]{1,8}) *= +(?:"
    r"(?P<truth>[TF])|(?P<whole>[+-]?\d+)|(?P<number>[+-]?(?:\d+\.\d*|\.\d+)(?:E[+-]?\d+)?)|"
    r"'(?P<text>(?:[^']|'')*)'"
    r") *(?:/.*)?"
)
_SAYS_NOTHING = ("COMMENT ", "HISTORY ", " " * 8)
_CARD_LENGTH, _VALUE_FROM = 80, 10

_NUMBERS = {"B": ">u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4", "D": ">f8"}
"""Forms of columns that hold a number a row: how it is stored."""

_STANDS_FOR_OTHERS = re.compile(r"(TSCAL|TZERO|TNULL|TDIM)\d+|THEAP")
"""Keywords of columns whose values stand for others."""

Plain = dict[str, Any]
"""Keywords of a header, with whole numbers, numbers, texts and truth values."""


class _AnyHeader(Mapping[str, Any]):
    """A header that astropy reads, whose cards may be damaged."""

    def __init__(self, header: "Header") -> None:
        self._header = header

    def __getitem__(self, keyword: str) -> Any:
        from astropy.io.fits import VerifyError

        try:
            return self._header[keyword]
        except VerifyError as error:
            raise ValueError(str(error)) from None

    def __contains__(self, keyword: object) -> bool:
        return keyword in self._header

    def __iter__(self) -> Iterator[str]:
        return iter(self._header)

    def __len__(self) -> int:
        return len(self._header)


def read_header(text: str) -> Mapping[str, Any]:
    """Return the values of a header by keyword.

    Parameters
    ----------
    text : str
        Its cards, up to and including the block with END.

    Raises
    ------
    ValueError
        If it cannot be read; of a damaged card, when it is asked for.
    """
    plain = plain_header(text)
    if plain is not None:
        return plain
    from astropy.io import fits

    try:
        return _AnyHeader(fits.Header.fromstring(text))
    except fits.VerifyError as error:
        raise ValueError(str(error)) from None


def plain_header(text: str) -> Plain | None:
    """Return the values of a header by keyword; None if it is not plain.

    Parameters
    ----------
    text : str
        Its cards, up to and including the block with END.
    """
    end = next((k for k in _cards(text) if text[k : k + _CARD_LENGTH].rstrip() == "END"), None)
    if end is None or text[end + 3 :].strip(" ") or not (text.isascii() and text.isprintable()):
        return None
    values: Plain = {}
    for start in _cards(text[:end]):
        card = text[start : start + _CARD_LENGTH]
        if card.startswith(_SAYS_NOTHING) and "=" not in card[8:_VALUE_FROM]:
            continue
        found = _CARD.fullmatch(card)
        if found is None or card[8:_VALUE_FROM] != "= " or found[1] in values:
            return None
        if (found["text"] or "").endswith("&"):  # goes on in the next card
            return None
        values[found[1]] = _value_of(found)
    return values


def _cards(text: str) -> range:
    return range(0, len(text), _CARD_LENGTH)


def _value_of(card: re.Match[str]) -> Any:
    if card["truth"]:
        return card["truth"] == "T"
    if card["whole"]:
        return int(card["whole"])
    if card["number"]:
        return float(card["number"])
    return card["text"].replace("''", "'").rstrip()


def plain_table(content: bytes) -> tuple[Plain, dict[str, NDArray[Any]]] | None:
    """Return the primary header and the columns of HDU 1 of a file; None if it is not plain.

    Parameters
    ----------
    content : bytes
        The whole file, unpacked.

    Returns
    -------
    tuple of (dict, dict), or None
        Values by keyword, and columns by name, as they are stored.
    """
    hdus = _plain_hdus(content)
    if hdus is None or len(hdus) < 2:
        return None
    (primary, _), (header, at) = hdus[:2]
    if [next(iter(each)) for each in (primary, header)] != ["SIMPLE", "XTENSION"]:
        return None
    layout = _layout_of(header) if header["XTENSION"] == "BINTABLE" else None
    if layout is None or layout.itemsize != header["NAXIS1"] or not header["NAXIS2"]:
        return None
    rows = np.frombuffer(content, layout, header["NAXIS2"], at)
    return primary, {name: rows[name] for name in layout.names or ()}


def _plain_hdus(content: bytes) -> list[tuple[Plain, int]] | None:
    """Return the headers of a file, and where the data behind each begins."""
    hdus: list[tuple[Plain, int]] = []
    at = 0
    while at < len(content):
        found = _header_at(content, at)
        if found is None or len(hdus) == MOST_HDUS:
            return None
        header, at = found
        size = _size_of(header)
        if size is None:
            return None
        hdus.append((header, at))
        at += -(-size // BLOCK) * BLOCK
    return hdus if at == len(content) else None


def _header_at(content: bytes, at: int) -> tuple[Plain, int] | None:
    """Return a header, and where it ends."""
    end = at
    while end < len(content):
        end += BLOCK
        block = content[end - BLOCK : end]
        if len(block) < BLOCK or not block.isascii():
            return None
        if ends_header(block):
            header = plain_header(content[at:end].decode("ascii"))
            return None if header is None else (header, end)
    return None


def _size_of(header: Plain) -> int | None:
    """Return the bytes of the data behind a header; None if it does not say so plainly."""
    n_axes = header.get("NAXIS")
    if type(n_axes) is not int or not 0 <= n_axes <= MOST_AXES:
        return None
    axes = [header.get(f"NAXIS{k + 1}") for k in range(n_axes)]
    numbers = (header.get("BITPIX"), *axes, header.get("PCOUNT", 0), header.get("GCOUNT", 1))
    if any(type(number) is not int for number in numbers) or numbers[-2:] != (0, 1):
        return None
    bits, *lengths = numbers[:-2]
    if min(lengths, default=0) < 0:
        return None
    return abs(bits) // 8 * math.prod(lengths) if lengths else 0


def _layout_of(header: Plain) -> "np.dtype[Any] | None":
    """Return how a row of a table is stored; None if its columns are not plain numbers."""
    n_columns = header.get("TFIELDS")
    if type(n_columns) is not int or not 0 < n_columns <= MOST_COLUMNS:
        return None
    if header["BITPIX"] != 8 or header["NAXIS"] != 2 or any(map(_STANDS_FOR_OTHERS.match, header)):
        return None
    names = [header.get(f"TTYPE{k + 1}") for k in range(n_columns)]
    forms = [str(header.get(f"TFORM{k + 1}")).removeprefix("1") for k in range(n_columns)]
    if not all(type(name) is str and name for name in names) or not _NUMBERS.keys() >= set(forms):
        return None
    if len({str(name).lower() for name in names}) < n_columns:
        return None
    columns = [(str(name), _NUMBERS[form]) for name, form in zip(names, forms, strict=True)]
    return np.dtype(columns)
