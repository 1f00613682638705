"""A published archive in the DuckDB shell, without gphoton-db: httpfs and the variable."""

import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from gphoton_db.archive import Archive
from tests.gphoton_db.archives import DUCKDB
from tests.gphoton_db.remote.conftest import PLACE
from tests.rangeserver import RangeServer

STATEMENTS = (
    "SELECT count(*) FROM photons",
    f"SELECT counts, t0 FROM lightcurve({PLACE[0]}, {PLACE[1]}) ORDER BY ALL",
)
"""Of one shell, one after the other."""


def shell(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([DUCKDB, *words], capture_output=True, text=True, check=False)


@pytest.fixture
def httpfs() -> Path:
    """The extension of the shell's very version; others it does not load."""
    version = shell("--version").stdout.split()[0]
    package = find_spec("duckdb_extension_httpfs")
    if package is None or package.origin is None:
        pytest.skip("needs the package duckdb-extension-httpfs")
    file = Path(package.origin).parent / "extensions" / version / "httpfs.duckdb_extension"
    if not file.exists():
        pytest.skip(f"duckdb-extension-httpfs is not of the shell's version, {version}")
    return file


def test_the_shell_reads_it(httpfs: Path, server: RangeServer, full: Archive) -> None:
    script = (
        f"LOAD '{httpfs}'; ATTACH '{server.address}/gphoton.duckdb' AS gphoton (READ_ONLY); "
        f"USE gphoton; SET VARIABLE gphoton_root = '{server.address}'; {'; '.join(STATEMENTS)}"
    )
    done = shell("-csv", "-noheader", "-c", script)
    assert (done.returncode, done.stderr) == (0, "")
    expected = [row for statement in STATEMENTS for row in full.query(statement).rows()]
    assert len(expected) > 1
    assert [line.split(",") for line in done.stdout.split()] == [
        [str(value) for value in row.values()] for row in expected
    ]
    read = {request.name.split("/")[0] for request in server.requests}
    assert read >= {"gphoton.duckdb", "photons"}
