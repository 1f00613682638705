"""Settings: command line over environment over settings file over built-in defaults."""

import os
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from platformdirs import user_config_path

from gphoton_db.errors import ServiceError, SettingsError
from gphoton_db.remote.address import address_of, is_address, only_read
from gphoton_db.service import (
    CALIBRATION_URL,
    MAST_URL,
    MAX_FILE_BYTES,
    ServiceOptions,
)

DEFAULT_ARCHIVE = Path("gphoton-archive")

_GIGABYTE = 1_000_000_000
MOST_GIGABYTES = 1_000_000_000

LONGEST_PATH, LONGEST_NAME = 4000, 255
"""Characters of a path and bytes of a name in it, beyond which systems refuse them."""

LONGEST_SHOWN = 200
"""Of a wrong value, in its message."""


@dataclass(frozen=True)
class Settings:
    """What a user may set once instead of with every command.

    Parameters
    ----------
    archive : Path
        The archive's folder, or its address (environment: ``GPHOTON_DB_ARCHIVE``).
    calibration : Path or None
        Directory of calibration files (``GPHOTON_DB_CALIBRATION``).
    pointing : Path or None
        Pointing file or directory (``GPHOTON_DB_POINTING``).
    queries : Path or None
        Folder with named queries of one's own (``GPHOTON_DB_QUERIES``).
    mast_url : str
        Address of the mission archive's query service (``GPHOTON_DB_MAST_URL``).
    calibration_url : str
        Address of the folder of calibration files (``GPHOTON_DB_CALIBRATION_URL``).
    allowed_hosts : tuple of str
        More hosts that files may come from (``GPHOTON_DB_ALLOWED_HOSTS``, with commas).
    max_file_gb : float
        What a file that is fetched may have, GB (``GPHOTON_DB_MAX_FILE_GB``).
    offline : bool
        Never use the network (``GPHOTON_DB_OFFLINE``).
    cluster : str or None
        Who does the jobs of many eclipses: see ``--cluster`` (``GPHOTON_DB_CLUSTER``).
    """

    archive: Path = DEFAULT_ARCHIVE
    calibration: Path | None = None
    pointing: Path | None = None
    queries: Path | None = None
    mast_url: str = MAST_URL
    calibration_url: str = CALIBRATION_URL
    allowed_hosts: tuple[str, ...] = ()
    max_file_gb: float = MAX_FILE_BYTES / _GIGABYTE
    offline: bool = False
    cluster: str | None = None

    def with_archive(self, archive: Path) -> "Settings":
        """Return the same settings with another archive."""
        return replace(self, archive=archive)

    def archive_folder(self) -> Path:
        """Return the archive's folder, for what writes there without opening the archive.

        Raises
        ------
        ArchiveError
            If the archive is at an address, and only read.
        """
        if is_address(self.archive):
            raise only_read(address_of(self.archive))
        return self.archive.expanduser().resolve()

    def service(self, *, offline: bool = False) -> ServiceOptions:
        """Return where to fetch from, and whether to; `offline` forbids it in any case."""
        return ServiceOptions(
            mast_url=self.mast_url,
            calibration_url=self.calibration_url,
            allowed_hosts=self.allowed_hosts,
            max_file_bytes=round(self.max_file_gb * _GIGABYTE),
            offline=self.offline or offline,
        )


def settings_file() -> Path:
    """Return where the settings file is: ``GPHOTON_DB_CONFIG``, or the platform's usual place."""
    named = os.environ.get("GPHOTON_DB_CONFIG")
    return Path(named) if named else user_config_path("gphoton-db") / "config.toml"


def load_settings() -> Settings:
    """Return the settings of this user and environment.

    Raises
    ------
    SettingsError
        If the settings file is not TOML or has an unknown key, or a value, there or in the
        environment, cannot be used.
    """
    known = [field.name for field in fields(Settings)]
    values = _from_file(settings_file(), known)
    for name in known:
        variable = f"GPHOTON_DB_{name.upper()}"
        if text := os.environ.get(variable):
            values[name] = _converted(variable, name, text)
    return Settings(**values)


def _from_file(path: Path, known: list[str]) -> dict[str, Any]:
    try:
        if not path.exists():
            return {}
        import tomllib  # most users have no such file

        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML ({error})") from None
    for key in content:
        if key not in known:
            raise SettingsError(f"{path}: unknown setting {key!r}; known are {', '.join(known)}")
    return {key: _converted(f"{path}: {key}", key, value) for key, value in content.items()}


def _converted(where: str, name: str, value: Any) -> Any:
    """Return a value of the file, or a text of the environment, as the setting's type."""
    convert, kind = _KINDS.get(name, (_path, "a path in quotes"))
    try:
        return convert(value)
    except (ValueError, TypeError, OverflowError, ServiceError):
        said = repr(value)
        if len(said) > LONGEST_SHOWN:
            said = f"{said[:LONGEST_SHOWN]}..."
        raise SettingsError(f"{where} must be {kind}, not {said}") from None


def _path(value: Any) -> Path:
    text = _text(value)
    named = (os.fsencode(part) for part in text.split("/"))
    if "\0" in text or len(text) > LONGEST_PATH or any(len(n) > LONGEST_NAME for n in named):
        raise ValueError
    try:
        return Path(text).expanduser()
    except RuntimeError:  # of the home folder of nobody
        raise ValueError from None


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _address(value: Any) -> str:
    from gphoton_db.ingest.mast.hosts import split_address  # not for what only reads an archive

    split_address(_text(value))
    return str(value)


def _hosts(value: Any) -> tuple[str, ...]:
    from gphoton_db.ingest.mast.hosts import HostRule

    names = value if isinstance(value, list) else _text(value).split(",")
    hosts = tuple(_text(name).strip() for name in names)
    for host in hosts:
        HostRule.parse(host)
    return hosts


def _gigabytes(value: Any) -> float:
    number = float("nan" if isinstance(value, bool) else value)
    if not 0 < number <= MOST_GIGABYTES:
        raise ValueError
    return number


def _flag(value: Any) -> bool:
    return _FLAGS.index(str(value).strip().lower()) % 2 == 0


_FLAGS = ("true", "false", "yes", "no", "1", "0", "on", "off")

_KINDS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "mast_url": (_address, "an http:// or https:// address in quotes"),
    "calibration_url": (_address, "an http:// or https:// address in quotes"),
    "allowed_hosts": (_hosts, "hosts: name, name:port or *.domain, in a list or with commas"),
    "max_file_gb": (_gigabytes, "a number of gigabytes, more than 0 and up to 1e9"),
    "offline": (_flag, "true or false"),
    "cluster": (_text, "an address, slurm, local or a file, in quotes"),
}
"""How the settings that are no paths are read, and what they must be."""
