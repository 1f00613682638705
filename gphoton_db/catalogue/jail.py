"""DuckDB sessions that can do nothing but read an archive.

The catalogue's head is a DuckDB file, with views and macros that run when they are used; and it may
come from a stranger.  So a session that has opened one sees the archive's folder and no other
file, loads no extension, reaches no network, and keeps its settings.  DuckDB itself sees to it,
and follows links when it does.
"""

import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gphoton_db.errors import QueryError
from gphoton_db.query.sql_files import literal

FROM_THE_START: dict[str, str | bool | int | float | list[str]] = {
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_community_extensions": False,
    "python_enable_replacements": False,
}
"""Settings that hold before anything is opened."""

_OWN = ("errors_as_json", "TimeZone")
"""What `query.prepare_session` sets, of each session of a connection."""


@dataclass(frozen=True)
class Limits:
    """What a statement of a user's may use.

    Parameters
    ----------
    seconds : float, optional
        How long it may take.
    memory : str, optional
        How much memory, as DuckDB writes it (``4GB``); more goes to the disk, or is an error.
    files : tuple of Path, optional
        Files, and folders, outside of the archive that it may read.
    """

    seconds: float | None = None
    memory: str | None = None
    files: tuple[Path, ...] = ()

    @property
    def own_session(self) -> bool:
        """Whether it needs a session of its own: that of all others has its settings."""
        return self.memory is not None or bool(self.files)


NO_LIMITS = Limits()


def new_session(limits: Limits = NO_LIMITS) -> duckdb.DuckDBPyConnection:
    """Return a new session in memory, which sees everything until `confine`.

    Raises
    ------
    QueryError
        If the limit of memory is none that DuckDB knows.
    """
    connection = duckdb.connect(":memory:", config=FROM_THE_START)
    if not (sys.stdout.isatty() or "ipykernel" in sys.modules):
        # DuckDB takes `python -c` for a person, and prints a long query's bar among the answers.
        # In a notebook it asks for a package before it changes this, and the bar is no text.
        connection.execute("SET enable_progress_bar = false")
    if limits.memory is not None:
        try:
            connection.execute(f"SET memory_limit = {literal(limits.memory)}")
        except duckdb.Error as error:
            connection.close()
            raise QueryError(
                f"memory {limits.memory!r} is not a size such as 4GB or 500MB ({error})"
            ) from None
    return connection


def confine(
    connection: duckdb.DuckDBPyConnection, folders: Iterable[Path | str], limits: Limits = NO_LIMITS
) -> None:
    """Let a session see some folders, what it has open, and nothing else, to its end.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        With all databases attached that are outside of the folders.
    folders : iterable of Path or str
        What it may read: folders, and what a file system of its own has.
    limits : Limits
        Other files that it may read.
    """
    seen = [*folders, *(path for path in limits.files if path.is_dir())]
    single = [path for path in limits.files if not path.is_dir()]
    connection.execute(
        f"SET allowed_directories = {_listed(seen)}; SET allowed_paths = {_listed(single)}; "
        "SET enable_external_access = false; "
        f"SET allowed_configs = [{', '.join(map(literal, _OWN))}]; SET lock_configuration = true"
    )


def _listed(paths: Iterable[Path | str]) -> str:
    return f"[{', '.join(literal(str(path)) for path in paths)}]"
