"""Where a product comes from, as its file says it: which program, calibration, ingest and legs.

Every header and every ``meta`` takes these entries from here, so that a new keyword of this kind
is added in one place.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from gphoton_db._version import __version__
from gphoton_db.catalogue.records import AnyLeg, LegRecord

Card = tuple[str, Any, str]
"""Keyword, value and comment of a FITS header."""

PROGRAM = "gphoton-db"
PROGRAM_VERSION = __version__

TELESCOPE: Card = ("TELESCOP", "GALEX", "Galaxy Evolution Explorer")

LONGEST_STRING = 68
"""Characters of a string that fit into one card."""

NAMED_CALIBRATIONS = 9
"""Calibration sets that a header names, at most."""


def program_cards() -> list[Card]:
    """Return the cards of the program that writes a file, and of the time when it does."""
    return [
        ("ORIGIN", PROGRAM, "program that made this file"),
        ("VERSION", PROGRAM_VERSION, "its version"),
        ("DATE", datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "when it was made (UTC)"),
    ]


def calibration_cards(names: Sequence[str]) -> list[Card]:
    """Return the cards of calibration sets: CALHASH, CALHSH2, ..., `NAMED_CALIBRATIONS` at most."""
    named = names[:NAMED_CALIBRATIONS]
    # The names of synthetic sets do not fit into one card.
    longer: list[Card] = [("LONGSTRN", "OGIP 1.0", "long strings go on in cards CONTINUE")]
    return (longer if any(len(name) > LONGEST_STRING for name in named) else []) + [
        (f"CALHSH{number}" if number > 1 else "CALHASH", name, "")
        for number, name in enumerate(named, start=1)
    ]


def leg_cards(leg: LegRecord) -> list[Card]:
    """Return the cards of a product of one leg: the program's, and how the leg was reduced."""
    return [
        *program_cards(),
        *calibration_cards([leg.calibration]),
        ("INGEST", leg.generation, "ingest that the photons are of"),
        ("INGVER", leg.software_version, "version of gphoton-db that ingested"),
        ("POINTING", leg.pointing_source, "form of the pointing"),
    ]


def program_meta() -> dict[str, str]:
    """Return what the ``meta`` of a table says of the program that made it."""
    return {"ORIGIN": PROGRAM, "VERSION": PROGRAM_VERSION}


def legs_meta(legs: Iterable[AnyLeg]) -> dict[str, list[str]]:
    """Return what the ``meta`` of a table says of its legs: their names and calibration sets."""
    legs = list(legs)
    return {
        "LEGS": sorted({f"e{leg.eclipse:05d}-{leg.band}-b{leg.leg:02d}" for leg in legs}),
        "CALIBRATION": calibrations_of(legs),
    }


def calibrations_of(legs: Iterable[AnyLeg]) -> list[str]:
    """Return the names of the calibration sets that legs were reduced with, each once."""
    return sorted({leg.calibration for leg in legs})
