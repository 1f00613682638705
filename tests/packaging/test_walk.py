"""The way from the command to the first byte of telemetry is short, and is told as it is."""

import re
from itertools import pairwise

from tests.packaging.repository import ROOT, imported_names

README = "ingest/README.md"
MOST_MODULES = 8


def walk() -> list[str]:
    """Return the modules that the README numbers under its heading, in order."""
    text = (ROOT / README).read_text("utf-8")
    section = text.partition("## The way to the first byte\n")[2].partition("\n## ")[0]
    return re.findall(r"^\d+\. `([\w/]+\.py)`: \S", section, re.MULTILINE)


def import_name(module: str) -> str:
    return "gphoton_db." + module.removeprefix("gphoton_db/").removesuffix(".py").replace("/", ".")


def test_the_way_begins_at_the_command_and_ends_at_the_file() -> None:
    assert [walk()[0], walk()[-1]] == ["gphoton_db/cli/ingest.py", "ingest/raw6.py"]
    assert len(walk()) <= MOST_MODULES


def test_each_module_imports_the_next() -> None:
    imports = {module: set(imported_names(ROOT / module)) for module in walk()}
    missing = [
        f"{README}: {module} does not import {following}"
        for module, following in pairwise(walk())
        if not any(name.startswith(f"{import_name(following)}.") for name in imports[module])
    ]
    assert missing == []


def test_no_module_on_the_way_opens_the_file_before() -> None:
    opens = [module for module in walk() if "open_raw6(" in (ROOT / module).read_text("utf-8")]
    assert opens == walk()[-2:]
