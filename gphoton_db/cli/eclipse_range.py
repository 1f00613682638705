"""A range of eclipses, as an option names it."""

from typing import Annotated

import typer

EclipsesOption = Annotated[
    str | None, typer.Option("--eclipses", metavar="N|FIRST-LAST", help="Only these eclipses.")
]


def range_of(text: str | None) -> tuple[int, int] | None:
    """Return the first and the last eclipse that an option names.

    Raises
    ------
    typer.BadParameter
        If it is neither a number nor a range.
    """
    if text is None:
        return None
    first, dash, last = text.partition("-")
    try:
        return int(first), int(last if dash else first)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is neither an eclipse nor a range: 23456 or 23400-23500",
            param_hint="--eclipses",
        ) from None
