"""Calibration sets of an archive, side by side: where each is, and what it is complete for.

The folder ``calibration`` of an archive is its default set; a folder in it is another one, which
has the folder's name.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gphoton_db.calibration.manifest import AnyFile, files_for
from gphoton_db.errors import CalibrationError
from gphoton_db.mission import FIRST_RECOVERED_ECLIPSE, LAST_PRE_CSP_ECLIPSE, Band
from gphoton_db.paths import DEFAULT_SET

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True)
class Use:
    """What a set may be complete for: a band, before or after the Course Sun Point anomaly."""

    band: Band
    eclipse: int

    @property
    def files(self) -> tuple[AnyFile, ...]:
        """The files that it needs."""
        return files_for(self.band, self.eclipse)


USES: Mapping[str, Use] = {
    "NUV": Use(Band.NUV, LAST_PRE_CSP_ECLIPSE),
    "FUV": Use(Band.FUV, LAST_PRE_CSP_ECLIPSE),
    "NUV after CSP": Use(Band.NUV, FIRST_RECOVERED_ECLIPSE),
}
"""FUV has no telemetry after the anomaly."""


def all_files() -> dict[str, AnyFile]:
    """Return every calibration file that there is, by name."""
    return {file.name: file for use in USES.values() for file in use.files}


def files_of(*bands: Band) -> tuple[AnyFile, ...]:
    """Return every calibration file of some bands, before and after the anomaly."""
    uses = [use for use in USES.values() if use.band in bands]
    return tuple({file.name: file for use in uses for file in use.files}.values())


def set_folder(root: Path, name: str) -> Path:
    """Return the folder of a set, which need not be there.

    Parameters
    ----------
    root : Path
        The archive's folder ``calibration``.
    name : str
        The set's name.

    Raises
    ------
    CalibrationError
        If it cannot be the name of a set.
    """
    if name == DEFAULT_SET:
        return root
    if not _NAME.fullmatch(name):
        raise CalibrationError(
            f"{name!r} cannot be the name of a calibration set: up to 64 letters, digits, '.', "
            "'_' and '-', a letter or digit first"
        )
    return root / name


def set_names(root: Path) -> list[str]:
    """Return the names of the sets that there are, the default one first."""
    if not root.is_dir():
        return []
    known = all_files()
    folders = {DEFAULT_SET: root} | {
        folder.name: folder
        for folder in sorted(root.iterdir())
        if folder.is_dir() and _NAME.fullmatch(folder.name)
    }
    return [
        name
        for name, folder in folders.items()
        if any(file.name in known for file in folder.iterdir())
    ]


def chosen_folder(root: Path, given: str | Path) -> Path:
    """Return the folder that a path, or else the name of a set, means.

    Parameters
    ----------
    root : Path
        The archive's folder ``calibration``.
    given : str or Path
        What a user said.
    """
    path = Path(given).expanduser()
    if path.exists():
        return path
    name = str(given)
    if name == DEFAULT_SET or (_NAME.fullmatch(name) and (root / name).is_dir()):
        return set_folder(root, name)
    return path
