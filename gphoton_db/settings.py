"""Settings: command line over environment over settings file over built-in defaults."""

import os
import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path

from platformdirs import user_config_path

from gphoton_db.errors import SettingsError

DEFAULT_ARCHIVE = Path("gphoton-archive")


@dataclass(frozen=True)
class Settings:
    """What a user may set once instead of with every command.

    Parameters
    ----------
    archive : Path
        The archive's folder (environment: ``GPHOTON_DB_ARCHIVE``).
    calibration : Path or None
        Directory of calibration files (``GPHOTON_DB_CALIBRATION``).
    pointing : Path or None
        Pointing file or directory (``GPHOTON_DB_POINTING``).
    queries : Path or None
        Folder with named queries of one's own (``GPHOTON_DB_QUERIES``).
    """

    archive: Path = DEFAULT_ARCHIVE
    calibration: Path | None = None
    pointing: Path | None = None
    queries: Path | None = None

    def with_archive(self, archive: Path) -> "Settings":
        """Return the same settings with another archive."""
        return replace(self, archive=archive)


def settings_file() -> Path:
    """Return where the settings file is: ``GPHOTON_DB_CONFIG``, or the platform's usual place."""
    named = os.environ.get("GPHOTON_DB_CONFIG")
    return Path(named) if named else user_config_path("gphoton-db") / "config.toml"


def load_settings() -> Settings:
    """Return the settings of this user and environment.

    Raises
    ------
    SettingsError
        If the settings file is not TOML, or has an unknown key or a value that is not a path.
    """
    known = [field.name for field in fields(Settings)]
    values = _from_file(settings_file(), known)
    for name in known:
        from_environment = os.environ.get(f"GPHOTON_DB_{name.upper()}")
        if from_environment:
            values[name] = Path(from_environment).expanduser()
    return Settings(**values)


def _from_file(path: Path, known: list[str]) -> dict[str, Path]:
    if not path.exists():
        return {}
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read as TOML ({error})") from None
    for key, value in content.items():
        if key not in known:
            raise SettingsError(f"{path}: unknown setting {key!r}; known are {', '.join(known)}")
        if not isinstance(value, str) or not value:
            raise SettingsError(f"{path}: {key} must be a path in quotes, not {value!r}")
    return {key: Path(value).expanduser() for key, value in content.items()}
