"""The code cites sections of docs/specification.md by anchor; each of them is there."""

import re
import subprocess
from collections.abc import Iterator

from tests.docs.test_documentation import ROOT

ANCHOR = re.compile(r"\bspec-[a-z0-9]+(?:-[a-z0-9]+)*")
FOLDERS = ["aspect", "benchmarks", "gphoton_db", "ingest", "products", "sql", "tests"]


def _cited() -> Iterator[tuple[str, str]]:
    """Yield each file of code and each anchor that it cites."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *FOLDERS], cwd=ROOT, capture_output=True, check=True
    )
    for name in listed.stdout.decode().split("\0"):
        if name.endswith((".py", ".sql")):
            for anchor in ANCHOR.findall((ROOT / name).read_text("utf-8")):
                yield name, anchor


def test_every_anchor_that_code_cites_is_in_the_specification() -> None:
    page = (ROOT / "docs" / "specification.md").read_text("utf-8")
    anchors = set(re.findall(r"^\((spec-[a-z0-9-]+)\)=$", page, re.MULTILINE))
    cited = list(_cited())
    assert len(cited) > 40
    assert sorted((name, anchor) for name, anchor in cited if anchor not in anchors) == []
