"""Settings files and environments, right and damaged."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np

from gphoton_db.settings import Settings, load_settings
from tests.campaign.damage import damaged
from tests.campaign.outcome import Try

RIGHT = """\
archive = "/data/galex"
calibration = "cal"
pointing = "~/pointing"
queries = "queries"
mast_url = "http://127.0.0.1:8000/query"
calibration_url = "https://archive.example.org/cal/"
allowed_hosts = ["mirror.example.org", "*.example.org:8080"]
max_file_gb = 4.5
offline = true
"""

NAMES = tuple(line.split(" =")[0] for line in RIGHT.splitlines())

VALUES = ("", "0", "-1", "nan", "inf", "1e999", "9" * 400, "true", "maybe", "[]", "{}", "[1, 2]",
          '""', '"a"', "2026-11-28", "12:30:00", "\x00", "\ud800", "\\u0000", "~nobody/x",
          "~\x00", "/" * 5000,
          "http://", "http://[::1", "http://a:99999/", "http://a:b/", "ftp://a/", "http://\u2100/",
          "https://a b/", "*", "*.*", "a:-1", ",,", "a,,b", "::", "[]:1", "é" * 300)  # fmt: skip
"""What settings are set to."""


def damaged_settings(folder: Path, seed: int, n: int) -> Iterator[Try]:
    """Write damaged settings files, or set one variable of the environment."""
    rng = np.random.default_rng(seed)
    for number in range(n):
        path = folder / f"{number}.toml"
        name = NAMES[int(rng.integers(len(NAMES)))]
        value = VALUES[int(rng.integers(len(VALUES)))]
        kind = int(rng.integers(4))
        content, environment = RIGHT.encode(), {}
        if kind == 0:
            damage, content = damaged(content, rng)
        elif kind == 1:
            damage, content = f"{name} = {value!r}", _line(name, value)
        elif kind == 2:
            damage, content = f"{name} in quotes", _line(name, f'"{value}"')
        else:
            damage, environment = f"{name} from outside", {f"GPHOTON_DB_{name.upper()}": value}
        path.write_bytes(content)
        where = f"{damage} {value[:40]!r} (seed {seed}, {number})"
        yield Try(where, partial(read_settings, path, environment))


def read_settings(path: Path, environment: dict[str, str]) -> Settings:
    """Read settings, and make of them what commands make."""
    # What no process can be given is left out.
    given = {k: v for k, v in environment.items() if "\x00" not in v and "\ud800" not in v}
    with _environment({"GPHOTON_DB_CONFIG": str(path), **given}):
        settings = load_settings()
    settings.service()
    settings.archive.exists()
    return settings


def _line(name: str, value: str) -> bytes:
    return f"{name} = {value}\n".encode("utf-8", "surrogatepass")


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
