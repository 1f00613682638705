"""Commands in hardship: full disks, no permissions, few handles, odd environments.

Each must come to a clear error, in one line and with an exit code, or do its work; the archive is
intact afterwards, and the same command completes when the hardship is over.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np

from gphoton_db.errors import GPhotonError
from tests.campaign.forked import Done, import_what_it_imports, run_command
from tests.campaign.hardship_kinds import (
    Hardship,
    Make,
    few_handles,
    full_disk,
    little_memory,
    no_permissions,
    odd_environment,
    odd_folder,
)
from tests.campaign.looks import require_sound, require_tidy
from tests.campaign.outcome import SilentlyWrongError, Try
from tests.campaign.workplace import Workplace, in_child
from tests.campaign.writers import writers
from tests.gphoton_db.archives import ROOT

READING = (
    ("status", "--legs"),
    ("sql", "SELECT band, count(*) FROM photons GROUP BY ALL"),
    ("lightcurve", "{ra}", "{dec}", "--radius", "60"),
    ("verify",),
    ("doctor",),
)
"""Commands that read: they need not be able to write anywhere."""


class RefusedError(GPhotonError):
    """A command ended with a clear error, as it may in hardship."""


def hardships(place: Workplace, seed: int) -> dict[str, Iterator[Try]]:
    """Return tries without end of each kind of hardship, by its row of the table."""
    kinds: dict[str, Make] = {
        "full disk": full_disk,
        "no permissions": no_permissions,
        "few file handles": few_handles,
        "odd environment": odd_environment,
        "little memory": little_memory,
        "odd folder": odd_folder,
    }
    return {
        what: _tries(place, what, make, np.random.default_rng(seed + number))
        for number, (what, make) in enumerate(kinds.items())
    }


def _tries(place: Workplace, what: str, make: Make, rng: np.random.Generator) -> Iterator[Try]:
    commands = [(writer.words, writer.begins) for writer in writers(place)]
    commands += [(words, place.copy) for words in _reading(place)]
    known = set[tuple[str, ...]]()
    while True:
        words, begins = commands[int(rng.integers(len(commands)))]
        if words not in known:
            import_what_it_imports(begins("undisturbed"), *words)
            known.add(words)
        hardship = make(rng, words, begins)
        said = f"{hardship.name}: {' '.join(words[:3])}"
        yield Try(said, partial(_suffer_and_judge, place, what, hardship))


def _reading(place: Workplace) -> list[tuple[str, ...]]:
    ra, dec = place.position
    return [tuple(word.format(ra=ra, dec=dec) for word in words) for words in READING]


def _suffer_and_judge(place: Workplace, what: str, hardship: Hardship) -> None:
    folder = f"{what.replace(' ', '-')}"
    root = hardship.begins(folder)
    hardship.arrange(root)
    try:
        done = _run(root, hardship)
    finally:
        hardship.undo(root)
    require_clear(done)
    in_child(partial(require_sound, root, place))
    again = run_command(root, *hardship.words)
    if again.code:
        raise SilentlyWrongError(f"afterwards: exit code {again.code}: {again.err[-2000:]}")
    in_child(partial(require_sound, root, place))
    run_command(root, "verify", "--repair")
    in_child(partial(require_tidy, root))
    if done.code:
        raise RefusedError(done.err.strip())


def _run(root: Path, hardship: Hardship) -> Done:
    if not hardship.environment:
        return run_command(root, *hardship.words, prepare=hardship.prepare)
    merged = {**os.environ, "PYTHONPATH": str(ROOT), **hardship.environment}
    environment = {name: value for name, value in merged.items() if value is not None}
    done = subprocess.run(
        [sys.executable, "-m", "gphoton_db", "--archive", str(root), *hardship.words],
        env=environment,
        preexec_fn=hardship.prepare,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=900,
    )
    texts = (each.decode(errors="replace") for each in (done.stdout, done.stderr))
    return Done(done.returncode, *texts)


def require_clear(done: Done) -> None:
    """Require an end without a traceback; with an error, one line that says it."""
    if done.code is None:
        raise SilentlyWrongError("it hangs")
    if "Traceback" in done.err or done.code < 0:
        raise RuntimeError(f"exit code {done.code}: {done.err[-3000:]}")
    errors = [line for line in done.err.splitlines() if "error: " in line.lower()]
    if done.code and not errors:
        raise SilentlyWrongError(f"exit code {done.code}, and no error: {done.err[-1000:]!r}")
