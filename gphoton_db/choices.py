"""Choices that a user makes by name, such as a compression."""

from enum import StrEnum
from typing import ClassVar, Self

from gphoton_db.errors import ProductError


class Choice(StrEnum):
    """One of a few names; ``class Compression(Choice, what="compression")``.

    Parameters
    ----------
    what : str
        What is chosen, as messages name it.
    """

    _what: ClassVar[str]

    def __init_subclass__(cls, what: str) -> None:
        cls._what = what

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the choice that `text` names, in either case.

        Raises
        ------
        ProductError
            If it names none.
        """
        try:
            return cls(str(text).strip().lower())
        except ValueError:
            *most, last = cls
            known = f"{', '.join(most)} or {last}" if most else str(last)
            raise ProductError(f"unknown {cls._what} {str(text)!r}: it is {known}") from None
