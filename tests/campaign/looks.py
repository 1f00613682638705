"""What must hold of an archive, whatever was done to those that wrote into it."""

from pathlib import Path

from gphoton_db.archive import Archive
from gphoton_db.intake.verify.faults import Verification
from tests.campaign.outcome import SilentlyWrongError
from tests.campaign.workplace import Workplace, legs_in, legs_of


def require_sound(root: Path, place: Workplace) -> None:
    """Require that all legs that are there are whole ones of those that were simulated."""
    if not root.exists() or not any(root.glob("*/band=*")):
        return
    with Archive(root) as archive:
        _require_whole(archive, archive.verify(deep=True), place)


def require_all(root: Path, place: Workplace) -> None:
    """Require that all legs are there."""
    require_sound(root, place)
    if legs_of(root) != list(place.legs):
        raise SilentlyWrongError(f"not all is there: legs {legs_of(root)}")


def require_tidy(root: Path) -> None:
    """Require that nothing is left behind: neither listed by `verify` nor hidden."""
    with Archive(root) as archive:
        _require_nothing_left(root, archive.verify())


def require_complete(root: Path, place: Workplace) -> None:
    """Require that all is sound and, where need be after a repair, that nothing is left behind.

    That is `require_sound`, ``verify --repair`` and `require_tidy`, which reads each file once.
    """
    with Archive(root) as archive:
        found = archive.verify(deep=True)
        _require_whole(archive, found, place)
        if found.remarks or _hidden(root):
            found = archive.verify(repair=True)
        _require_nothing_left(root, found)


def _require_whole(archive: Archive, found: Verification, place: Workplace) -> None:
    if found.faults:
        raise SilentlyWrongError(f"after a kill: {found.faults[0]}")
    ((n,),) = (row.values() for row in archive.query("SELECT count(*) FROM photons").rows())
    legs = legs_in(archive)
    if not set(legs) <= set(place.legs) or n != sum(leg[3] for leg in legs):
        raise SilentlyWrongError(f"after a kill: {n} photons, legs {legs}")


def _require_nothing_left(root: Path, found: Verification) -> None:
    left = found.remarks or _hidden(root)
    if left:
        raise SilentlyWrongError(f"left behind: {left}")


def _hidden(root: Path) -> list[str]:
    names = [path.relative_to(root).as_posix() for path in sorted(root.rglob("*"))]
    return [name for name in names if is_leftover(name)]


def is_leftover(name: str) -> bool:
    """Return whether a file of this name in an archive was left behind."""
    last = name.rpartition("/")[2]
    return (
        name.startswith("staging/")
        or last.startswith(".")
        or last.endswith((".part", ".old", ".tmp", ".wal"))
    )
