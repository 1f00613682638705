"""Names that docstrings and pages mention exist; what `make docs` does not see is checked here."""

import importlib
import re
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.docs.test_documentation import ROOT

EXTENSIONS = ROOT / "docs" / "extensions"
LITERAL = re.compile(r"``([^`]+)``")


@pytest.fixture(scope="module")
def known() -> Iterator[Any]:
    """The module that knows the names of the code."""
    sys.path.insert(0, str(EXTENSIONS))
    try:
        yield importlib.import_module("known_names")
    finally:
        sys.path.remove(str(EXTENSIONS))


def test_names_in_single_backticks_are_names_of_the_code(known: Any) -> None:
    quoted = list(known.quoted_names())
    assert len(quoted) > 300
    assert sorted({pair for pair in quoted if not known.is_known(pair[1], pair[0])}) == []


def test_dotted_names_in_docstrings_exist(known: Any) -> None:
    mentioned = {
        (module, name)
        for module, names in known.index().items()
        for string in names.texts
        for text in LITERAL.findall(string)
        for name in re.findall(r"^gphoton_db(?:\.\w+)+", text)
    }
    assert mentioned
    assert sorted(pair for pair in mentioned if not known.exists(pair[1])) == []


@pytest.mark.parametrize(
    ("name", "module", "expected"),
    [
        ("Archive", None, True),
        ("gphoton_db.mission.Band", None, True),
        ("gphoton_db.mission.Bend", None, False),
        ("gphoton_db.obtain", None, False),
        ("note_visit", None, False),
        ("paths", "gphoton_db.catalogue.catalogue", True),
        ("a_parameter_of_nothing", "gphoton_db.catalogue.catalogue", False),
    ],
)
def test_what_is_known_and_what_is_not(
    known: Any, name: str, module: str | None, expected: bool
) -> None:
    assert known.is_known(name, module) is expected
