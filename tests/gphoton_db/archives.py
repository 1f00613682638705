"""What archives are made of, and what must hold of every archive at any time."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.definitions import table_statements
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.records import LegRecord
from gphoton_db.catalogue.totals import TOTALS
from gphoton_db.intake.ingest_band import IngestReport
from gphoton_db.mission import Band
from gphoton_db.paths import FILE_KINDS, ArchivePaths
from gphoton_db.query.sql_files import literal, read_sql
from gphoton_db.simulate.visit import Visit
from tests.gphoton_db.forked_program import COMMANDS, MAIN_OF, ForkedProgram

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

DUCKDB = Path(sys.executable).parent / "duckdb"
"""The shell of duckdb-cli, which the extra ``test`` installs beside Python."""

STRANGE_NAME = """it's a "strange" name, ü ★ $x"""
"""A folder's name that SQL and shells need to quote."""


@dataclass(frozen=True)
class Sources:
    """Inputs of one ingest."""

    eclipse: int
    band: Band
    raw6: Path
    pointing: Path
    calibration: Path

    @classmethod
    def of(cls, visit: Visit) -> "Sources":
        return cls(visit.eclipse, visit.band, visit.raw6, visit.pointing, visit.calibration)

    @property
    def paths(self) -> dict[str, Any]:
        return {"raw6": self.raw6, "pointing": self.pointing, "calibration": self.calibration}

    def arguments(self, *options: str) -> list[str]:
        """Return what to tell ``gphoton-db``."""
        paths = [f"--{name}={path}" for name, path in self.paths.items()]
        return ["ingest", str(self.eclipse), str(self.band), *paths, *options]


def ingest(archive: Archive, sources: Sources, *, force: bool = False) -> IngestReport:
    return archive.ingest(sources.eclipse, sources.band, force=force, **sources.paths)


def count(archive: Archive, table: str) -> int:
    return int(archive.query(f"SELECT count(*) AS n FROM {table}").rows()[0]["n"])


def in_shell(
    statement: str, catalogue: Path | str, *options: str, folder: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a statement in the bare DuckDB shell; rows come out as CSV without a header."""
    command = [str(DUCKDB), *options, "-csv", "-noheader", str(catalogue), "-c", statement]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def shell_count(root: Path, table: str = "photons") -> int:
    """Count rows as a user of the bare shell does, wherever the archive was made."""
    setup = f"SET VARIABLE gphoton_root = {literal(str(root))}"
    done = in_shell(
        f"SELECT count(*) FROM {table}", root / "gphoton.duckdb", "-readonly", "-cmd", setup
    )
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def parquet_hashes(root: Path) -> dict[str, str]:
    """Return the SHA-256 of every Parquet file of an archive by its name."""
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for kind in FILE_KINDS
        for path in (root / kind).rglob("*")
        if path.is_file()
    }


def contents(root: Path) -> dict[str, Any]:
    """Return all that an archive holds, but for its log of ingests."""
    with Archive(root) as archive:
        tables = {
            table: archive.query(f"SELECT * FROM {table} ORDER BY ALL").rows()
            for table in ("legs", "leg_files", "eclipses", "calibration_files")
        }
    return {**tables, "files": parquet_hashes(root)}


def newest_outlines(root: Path) -> Path:
    """Return the catalogue's own file with the outlines of legs that was written last."""
    return max((root / "catalogue" / "coverage").glob("[0-9]*.parquet"))


def legs_of(root: Path, band: Band) -> list[LegRecord]:
    with Archive(root) as archive:
        return [leg for leg in archive.legs() if leg.band == str(band)]


def bare_count(root: Path, table: str = "photons") -> int:
    """Count rows as `shell_count` does, without its process: by the same statements of DuckDB."""
    with duckdb.connect(str(root / "gphoton.duckdb"), read_only=True) as bare:
        bare.execute(f"SET VARIABLE gphoton_root = {literal(str(root))}")
        ((found,),) = bare.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(found)


def assert_sound(root: Path) -> None:
    """Check that an archive holds what its catalogue says, by bare DuckDB too."""
    with Archive(root) as archive:
        files = archive.query("SELECT path, size_bytes, sha256 FROM leg_files").rows()
        n_photons = sum(leg.n_photons for leg in archive.legs())
        n_ticks = archive.query("SELECT coalesce(sum(events), 0) AS n FROM ticks").rows()[0]["n"]
        assert count(archive, "photons") == n_photons == n_ticks
    assert bare_count(root) == n_photons
    hashes = parquet_hashes(root)
    for file in files:
        assert hashes[file["path"]] == file["sha256"]
        assert (root / file["path"]).stat().st_size == file["size_bytes"]


def _approximate_rows(archive: Archive, sql: str) -> list[dict[str, Any]]:
    found = archive.query(sql).rows()
    for row in found:
        if "exposure" in row:
            row["exposure"] = pytest.approx(row["exposure"], rel=1e-12)
    return found


def assert_summed_up(root: Path) -> None:
    """Check each table of sums against the statements that it is made with, over everything."""
    with Archive(root) as archive:
        for table, statements in TOTALS.items():
            texts = [read_sql(f"totals/{name}.sql").strip(";\n") for name in statements]
            every = "\n) UNION ALL FROM (".join(texts)
            wanted = _approximate_rows(archive, f"FROM ({every}) ORDER BY ALL")
            assert _approximate_rows(archive, f"FROM {table} ORDER BY ALL") == wanted
        n = count(archive, "legs")
        assert archive.status().total.n_legs == n > 0


def assert_tidy(root: Path) -> None:
    """Check that nothing lies about that the catalogue does not know."""
    with Archive(root) as archive:
        known = archive.query(
            "SELECT path FROM leg_files UNION ALL SELECT path FROM superseded_files"
        ).rows()
        segments = archive.query("SELECT path, size_bytes, sha256 FROM segments").rows()
    found = {path.relative_to(root).as_posix() for path in (root / "catalogue").rglob("*.*")}
    counting = {row["path"] for row in segments}
    superseded = {row["path"] for row in known if row["path"].startswith("catalogue/")}
    assert counting.isdisjoint(superseded)
    assert found == counting | superseded
    for row in segments:
        content = (root / row["path"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (
            row["size_bytes"],
            row["sha256"],
        )
    assert set(parquet_hashes(root)) == {row["path"] for row in known} - superseded
    assert list((root / "staging").iterdir()) == []
    assert {path.name for path in root.glob("gphoton*")} == {"gphoton.duckdb", "gphoton.lock"}


@contextmanager
def changed_tables(root: Path, *tables: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection in which tables of an archive can be changed, as a commit does."""
    catalogue = Catalogue(ArchivePaths(root))
    with locked(catalogue.paths), catalogue.changing(tables, None) as connection:
        yield connection


def make_old(root: Path, version: int = 4, without: Sequence[str] = ()) -> None:
    """Give an archive the catalogue that an older version made: one file with all tables."""
    catalogue = Catalogue(ArchivePaths(root))
    old = root / "old.duckdb"
    with catalogue.reader() as connection:
        connection.execute(f"ATTACH {literal(str(old))} AS old (STORAGE_VERSION 'v1.2.0')")
        for table in table_statements():
            if table not in (*without, "segments"):
                connection.execute(f"CREATE TABLE old.{table} AS FROM gphoton.{table}")
        # Files of the catalogue's own do not count for it.
        connection.execute("DELETE FROM old.superseded_files WHERE path LIKE 'catalogue/%'")
        connection.execute(f"UPDATE old.archive_info SET schema_version = {version}")
    old.replace(root / "gphoton.duckdb")
    shutil.rmtree(root / "catalogue")


def start_program(
    arguments: list[str], *, folder: Path, module: str = "gphoton_db", prefix: tuple[str, ...] = ()
) -> subprocess.Popen[str]:
    """Start ``gphoton-db``, or another module of the checkout, as a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    worth_it = module != "gphoton_db" or not {*COMMANDS}.isdisjoint(arguments)
    if module in MAIN_OF and not prefix and worth_it:
        return ForkedProgram(arguments, folder=folder, environment=environment, module=module)
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run_program(
    arguments: list[str],
    *,
    folder: Path,
    module: str = "gphoton_db",
    prefix: tuple[str, ...] = (),
    text: str = "",
) -> subprocess.CompletedProcess[str]:
    """Run it to its end, with `text` as its standard input."""
    process = start_program(arguments, folder=folder, module=module, prefix=prefix)
    out, err = process.communicate(text, timeout=120)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def in_mount_namespace(folder: Path, mount: str) -> tuple[str, ...]:
    """Return a prefix of a command that alone sees `mount` on `folder`; skip where none may.

    In `mount`, which a shell runs, ``"$0"`` is the folder.
    """
    prefix = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-ec")
    script = f'{mount}; "$@"'
    try:
        tried = subprocess.run(
            [*prefix, script, str(folder), "true"], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("needs unshare(1)")
    if tried.returncode:
        pytest.skip(f"may not mount in a user namespace: {tried.stderr.strip()}")
    return (*prefix, script, str(folder))
