"""What failed of many eclipses, in few lines: of many of one kind, one line says how many."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from gphoton_db.cli.console import counted

if TYPE_CHECKING:
    from gphoton_db.intake.many.failed_list import Failure

ONE_BY_ONE = 5
"""So many failures of one kind are told one by one."""

_NO_TELEMETRY = re.compile("no raw6 file was given, and there is no ")


def failure_lines(failures: "Sequence[Failure]") -> Iterator[str]:
    """Yield lines that tell of failures, each kind where its first one was.

    Of one kind are those whose reasons differ by nothing but the number of the eclipse.
    """
    kinds: dict[str, list[Failure]] = {}
    for failure in failures:
        kinds.setdefault(_kind(failure), []).append(failure)
    for kind, alike in kinds.items():
        if len(alike) <= ONE_BY_ONE:
            yield from (f"failed: {failure.what}: {failure.reason}" for failure in alike)
        else:
            yield _summed_up(kind, alike)


def _kind(failure: "Failure") -> str:
    """Return a reason without the number of the eclipse: that of a sentence or a file's name."""
    number = rf"\b(eclipse {failure.eclipse}|e{failure.eclipse:05d})(?!\w)"
    return re.sub(number, lambda found: found[0].rstrip("0123456789") + "N", failure.reason)


def _summed_up(kind: str, alike: "Sequence[Failure]") -> str:
    n = len({failure.eclipse for failure in alike})
    # They failed in the order in which workers came to them.
    ordered = sorted(alike, key=lambda failure: (failure.eclipse, str(failure.what)))
    first, last = ordered[0].what, ordered[-1].what
    have = "has" if n == 1 else "have"
    what = f"{have} no telemetry here" if _NO_TELEMETRY.search(kind) else "failed alike"
    return f"failed: {counted(n, 'eclipse')} {what}, {first} to {last}: {kind}"
