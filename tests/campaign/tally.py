"""What came of all tries so far, in a JSON file that runs one after the other add to."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

from tests.campaign.outcome import Outcome, Tried

BAD = (Outcome.WRONG, Outcome.TRACEBACK, Outcome.HANG)
"""What must not be."""

Counts = Mapping[str, Mapping[str, int]]


def add(path: Path, what: str, tried: Tried) -> None:
    """Count a try; what must not be is kept with its words."""
    with FileLock(f"{path}.lock"):
        tally = _read(path)
        counts = tally["tried"].setdefault(what, {})
        counts[tried.outcome] = counts.get(tried.outcome, 0) + 1
        if tried.outcome in BAD:
            tally["faults"].append([what, tried.damage, tried.outcome, tried.said])
        _write(path, tally)


def add_numbers(path: Path, what: str, numbers: Mapping[str, float]) -> None:
    """Add numbers, such as seconds and reads, to those of earlier runs."""
    with FileLock(f"{path}.lock"):
        tally = _read(path)
        before = Counter(tally["numbers"].get(what, {}))
        before.update(numbers)
        tally["numbers"][what] = dict(before)
        _write(path, tally)


def tried(path: Path, what: str) -> int:
    """Return how many tries of a row there were."""
    return sum(_read(path)["tried"].get(what, {}).values())


def table(path: Path) -> str:
    """Return all that was counted, as a table."""
    tally = _read(path)
    head = ["", "tried", *Outcome]
    rows = [
        [what, sum(counts.values()), *(counts.get(outcome, 0) for outcome in Outcome)]
        for what, counts in sorted(tally["tried"].items())
    ]
    total = ["all", *(sum(row[k] for row in rows) for k in range(1, len(head)))]
    width = max(len(str(row[0])) for row in [*rows, total]) + 2
    lines = [
        f"{row[0]:<{width}}" + "".join(f"{cell!s:>21}" for cell in row[1:])
        for row in [head, *rows, total]
    ]
    for what, numbers in tally["numbers"].items():
        lines.append(f"{what}: " + ", ".join(f"{n:,.0f} {name}" for name, n in numbers.items()))
    return "\n".join(lines)


def faults(path: Path) -> list[list[str]]:
    """Return what must not be: row of the table, damage, outcome, and words."""
    found: list[list[str]] = _read(path)["faults"]
    return found


def numbers(path: Path) -> list[dict[str, float]]:
    """Return the numbers that were added up."""
    found: dict[str, dict[str, float]] = _read(path)["numbers"]
    return list(found.values())


def _read(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"tried": {}, "numbers": {}, "faults": []}
    tally: dict[str, Any] = json.loads(path.read_text())
    return tally


def _write(path: Path, tally: dict[str, Any]) -> None:
    beside = path.with_name(f".{path.name}")
    beside.write_text(json.dumps(tally, indent=1))
    beside.replace(path)
