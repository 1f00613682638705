"""Coverage-guided fuzzing of decoders and readers with atheris: ``make fuzz SECONDS=60``.

Each target of `tests.campaign.fuzz_targets` runs in a process of its own, for its part of the
time; atheris changes inputs so that they reach lines of ours that none reached before.  What
ended in anything but a clear error is kept in ``build/fuzz``.
"""

import argparse
import logging
import re
import subprocess
import sys
import tempfile
import warnings
from contextlib import suppress
from pathlib import Path

from tests.gphoton_db.archives import ROOT

HANGS_S = 60
"""One input may take so long."""

MEMORY_MB = 4000

MAX_LEN = "-max_len=40000"
"""Bytes of the longest input."""

INSTRUMENTED = ["gphoton_db", "sqlglot"]

_RUNS = re.compile(r"Done (\d+) runs|#(\d+)\s")


def fuzz(name: str, seconds: int, folder: Path) -> tuple[int, int]:
    """Fuzz a target in a process of its own; return its exit code, and how many inputs it saw."""
    words = ["--only", name, "--seconds", str(seconds), "--folder", str(folder)]
    with tempfile.TemporaryFile("w+", errors="replace") as said:
        command = [sys.executable, "-m", "tests.campaign.fuzz", *words]
        done = subprocess.run(command, cwd=ROOT, stdout=said, stderr=said, check=False)
        said.seek(0)
        text = said.read()
    if done.returncode:
        sys.stdout.write(text[-4000:])
    numbers = [int(number) for pair in _RUNS.findall(text) for number in pair if number]
    return done.returncode, max(numbers, default=0)


def be_fuzzed(name: str, seconds: int, folder: Path) -> None:
    """Fuzz a target in this process, to its end."""
    import atheris

    with atheris.instrument_imports(include=INSTRUMENTED, enable_loader_override=False):
        from gphoton_db.errors import GPhotonError
        from tests.campaign.fuzz_targets import TARGETS

    warnings.simplefilter("ignore")  # what readers of others say of damaged files
    logging.disable()
    target, work = TARGETS[name], Path(tempfile.mkdtemp(prefix="gphoton-fuzz-"))
    corpus, found = folder / "corpus" / name, folder / "found"
    for each in (corpus, found):
        each.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(target.seeds(work)):
        (corpus / f"seed-{number}").write_bytes(seed)

    def one_input(content: bytes) -> None:
        with suppress(GPhotonError):  # a clear error, as it should be
            target.read(content, work)

    limits = (f"-max_total_time={seconds}", f"-timeout={HANGS_S}", f"-rss_limit_mb={MEMORY_MB}")
    options = (*limits, f"-artifact_prefix={found}/{name}-", "-print_final_stats=1", MAX_LEN)
    atheris.Setup([sys.argv[0], *options, str(corpus)], one_input)
    atheris.Fuzz()


def main() -> None:
    """Fuzz all targets, one after the other, or one of them."""
    parser = argparse.ArgumentParser(description="Fuzz decoders and readers; see the module.")
    parser.add_argument("--seconds", type=int, default=60, help="for all of them")
    parser.add_argument("--only", help="one target, for all of the time, in this process")
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "fuzz")
    options = parser.parse_args()
    if options.only:
        be_fuzzed(options.only, options.seconds, options.folder)
        return
    from tests.campaign.fuzz_targets import TARGETS

    failed = False
    for name in TARGETS:
        code, n = fuzz(name, max(options.seconds // len(TARGETS), 1), options.folder)
        failed |= bool(code)
        said = f"exit code {code}, see {options.folder / 'found'}" if code else "nothing found"
        print(f"{name}: {n:,} inputs: {said}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
