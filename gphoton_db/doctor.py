"""Looks at an installation, its machine and an archive: what works, and what to do where not.

Nothing is changed but what opening an archive changes (one of an older gphoton-db is upgraded), and
the network is not used.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from gphoton_db import settings as user_settings
from gphoton_db._version import __version__
from gphoton_db.errors import GPhotonError
from gphoton_db.paths import ArchivePaths
from gphoton_db.remote.address import is_address
from gphoton_db.remote.files import shown
from gphoton_db.settings import Settings
from gphoton_db.system.examination import (
    Finding,
    Verdict,
    examine_machine,
    examine_space,
    examine_writing,
)

DISTRIBUTION = "gphoton-db"

NEEDED_EXTENSIONS = ("core_functions", "json", "parquet")
"""Of DuckDB; its packages have them built in."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield findings on the installation, the machine, and the archive of some settings.

    Parameters
    ----------
    settings : Settings
        Name the archive.
    """
    package = Path(__file__).resolve().parent
    yield Finding("gphoton-db", Verdict.OK, f"{__version__} in {package}")
    yield from examine_machine(DISTRIBUTION)
    yield _settings(settings)
    yield _duckdb()
    yield _shell()
    yield _kernels()
    yield from _archive(settings)


def _settings(settings: Settings) -> Finding:
    file = user_settings.settings_file()
    found = f"{file}{'' if file.exists() else ' (there is none: built-in defaults)'}"
    if settings.offline:
        found += "; offline: nothing is fetched"
    return Finding("settings", Verdict.OK, found)


def _duckdb() -> Finding:
    import duckdb

    rows = duckdb.sql(
        "SELECT extension_name FROM duckdb_extensions() WHERE installed OR loaded"
    ).fetchall()
    there = {str(name) for (name,) in rows}
    missing = [name for name in NEEDED_EXTENSIONS if name not in there]
    found = f"{duckdb.__version__} with {', '.join(sorted(there))}"
    if missing:
        remedy = "install the package duckdb of the Python Package Index, which has them"
        lacks = f"{duckdb.__version__} lacks {', '.join(missing)}"
        return Finding("DuckDB", Verdict.ERROR, lacks, remedy)
    return Finding("DuckDB", Verdict.OK, found)


def _shell() -> Finding:
    """Return whether there is a DuckDB shell; the version is its own to say."""
    beside = Path(sys.executable).parent / "duckdb"
    found = str(beside) if beside.exists() else shutil.which("duckdb")
    if found:
        return Finding("DuckDB shell", Verdict.OK, found)
    remedy = "install the DuckDB shell (duckdb-cli) to use SQL outside of gphoton-db"
    return Finding("DuckDB shell", Verdict.NOTE, "not found: `shell` has a simple prompt", remedy)


def _kernels() -> Finding:
    from gphoton_db.system.compiling import calls_of, missing_groups
    from gphoton_db.warm_up import ALL_GROUPS

    try:
        missing = missing_groups(ALL_GROUPS)
        kernel, _ = calls_of(ALL_GROUPS[0])[0]
        where = Path(kernel.stats.cache_path)
    except Exception as error:  # noqa: BLE001  whatever it is, the finding is that
        remedy = "name a folder that can be written to in NUMBA_CACHE_DIR"
        return Finding("kernels", Verdict.ERROR, f"cannot be loaded: {error}", remedy)
    found = f"{len(ALL_GROUPS) - len(missing)} of {len(ALL_GROUPS)} groups compiled, in {where}"
    if not missing:
        return Finding("kernels", Verdict.OK, found)
    remedy = "the first command that needs them compiles them; gphoton-db warm-up does it now"
    return Finding("kernels", Verdict.NOTE, found, remedy)


def _archive(settings: Settings) -> Iterator[Finding]:
    if is_address(settings.archive):
        yield _content(settings.archive)
        return
    root = settings.archive.expanduser().resolve()
    paths = ArchivePaths(root)
    if root.exists() and not root.is_dir():
        remedy = "give the folder of an archive, or of one to be made"
        yield Finding("archive", Verdict.ERROR, f"{root}: is no folder", remedy)
        return
    if not root.is_dir():
        remedy = "gphoton-db ingest makes one; --archive and GPHOTON_DB_ARCHIVE name another"
        yield Finding("archive", Verdict.NOTE, f"{root}: there is none", remedy)
        yield examine_space("its disk", root)
        return
    busy = list(_lock(paths)) if paths.lock.exists() else []
    # To open it might need the lock, and wait for it.
    yield from busy or [_content(root)]
    yield examine_space("its disk", root)
    yield from examine_writing(root)


def _content(root: Path) -> Finding:
    from gphoton_db.archive import Archive

    try:
        with Archive(root) as archive:
            name, found = shown(archive.paths.root), archive.status(limit=0)
    except GPhotonError as error:
        remedy = "what the message says; nothing is removed meanwhile"
        return Finding("archive", Verdict.ERROR, str(error), remedy)
    said = (
        f"{name}: {found.total.n_legs:,} legs, {found.total.n_photons:,} photons; their files were "
        "not looked at, which gphoton-db verify does"
    )
    if not found.n_failed:
        return Finding("archive", Verdict.OK, said)
    remedy = "gphoton-db status says why"
    return Finding("archive", Verdict.NOTE, f"{said}; {found.n_failed:,} failed ingests", remedy)


def _lock(paths: ArchivePaths) -> Iterator[Finding]:
    """Yield a finding where another process is committing, or cannot let go."""
    from filelock import FileLock, Timeout

    try:
        with FileLock(paths.lock, timeout=0):
            return
    except Timeout:
        remedy = "wait a moment; where it stays, end that process: nothing is lost"
        found = f"{paths.lock}: another process has it; the archive was not opened"
        yield Finding("lock", Verdict.WARNING, found, remedy)
    except OSError:  # no permission: `examine_writing` says so
        return
