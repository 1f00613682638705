"""Targets with notes and verdicts of a person: in a file of the user's, beside no archive."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from platformdirs import user_data_path

from gphoton_db.products.fits.files import being_written
from gphoton_db.serve.answers import is_text
from gphoton_db.serve.refusals import CONFLICT, NOT_FOUND, RequestError

MOST_NOTES = 10_000

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)

_TEXTS = {"label": 200, "note": 10_000, "verdict": 40}
"""Longest texts, characters."""

_LOCKED_S = 5.0

Note = dict[str, Any]


def notes_file(archive: str) -> Path:
    """Return the file with the notes on an archive, which need not be there."""
    name = hashlib.sha256(archive.encode()).hexdigest()[:16]
    return user_data_path("gphoton-db") / "notes" / f"{name}.json"


class Notes:
    """Notes on the targets of an archive.

    Parameters
    ----------
    file : Path
        Where they are.
    archive : str
        Which it is, said in the file.
    """

    def __init__(self, file: Path, archive: str) -> None:
        self._file, self._archive = file, archive

    @property
    def writable(self) -> bool:
        """Whether they can be changed."""
        folder = next(each for each in self._file.parents if each.exists())
        return os.access(folder, os.W_OK) and (
            not self._file.exists() or os.access(self._file, os.W_OK)
        )

    def listed(self) -> list[Note]:
        """Return all notes, in the order of their list.

        Raises
        ------
        RequestError
            If the file is damaged.
        """
        notes = self._read().values()
        return sorted(notes, key=lambda note: (note["position_in_list"], note["id"]))

    def listing(self) -> dict[str, Any]:
        """Return all notes, and a version that is another one after each change."""
        try:
            version = self._file.stat().st_mtime_ns // 1_000_000
        except OSError:
            version = 0
        return {"version": version, "notes": self.listed()}

    def put(self, note_id: str, given: Note) -> Note:
        """Keep a note, in place of an earlier one of its name.

        Parameters
        ----------
        note_id : str
            Its name.
        given : dict
            ``ra, dec`` (deg), ``label``, ``note``, ``verdict``, ``position_in_list``; and the
            ``version`` that it was made of: 0, or none, for a new one.

        Raises
        ------
        RequestError
            If a value is not valid, or the note was changed since.
        """
        _check_id(note_id)
        new = _checked(given)
        with self._changing() as notes:
            before = notes.get(note_id)
            _check_version(given.get("version") or 0, before)
            if before is None and len(notes) >= MOST_NOTES:
                raise RequestError(f"there are {MOST_NOTES:,} notes: remove some")
            version = (before["version"] if before else 0) + 1
            notes[note_id] = {"id": note_id, **new, "version": version}
            return notes[note_id]

    def remove(self, note_id: str, version: int | None) -> None:
        """Remove a note, whatever it is, or only in a version.

        Raises
        ------
        RequestError
            If it is not there, or was changed since.
        """
        _check_id(note_id)
        with self._changing() as notes:
            if note_id not in notes:
                raise RequestError(f"there is no note {note_id}", NOT_FOUND)
            if version is not None:
                _check_version(version, notes[note_id])
            del notes[note_id]

    def _read(self) -> dict[str, Note]:
        try:
            content = json.loads(self._file.read_text("utf-8"))
            return {note["id"]: {**note, **_checked(note)} for note in content["notes"]}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, RequestError) as error:
            raise RequestError(f"{self._file}: cannot be read ({error})", CONFLICT) from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Note]]:
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with FileLock(self._file.with_suffix(".lock"), timeout=_LOCKED_S):
                notes = self._read()
                yield notes
                content = {"archive": self._archive, "notes": list(notes.values())}
                with being_written(self._file) as temporary:
                    temporary.write_text(json.dumps(content, indent=1), "utf-8")
        except (OSError, Timeout) as error:
            raise RequestError(f"{self._file}: cannot be written ({error})", CONFLICT) from None


def _check_id(note_id: str) -> None:
    if not _ID.fullmatch(note_id):
        raise RequestError("the name of a note is 1 to 64 letters, digits, _ and -")


def _check_version(version: Any, before: Note | None) -> None:
    """Refuse a change that was made of another version, and say what there is."""
    if isinstance(version, bool) or version != (before["version"] if before else 0):
        reason = "the note was changed elsewhere meanwhile: load it again"
        raise RequestError(reason, CONFLICT, {"note": before})


def _checked(given: Note) -> Note:
    known = ("ra", "dec", "position_in_list", *_TEXTS)
    unknown = set(given) - {*known, "version", "id"}
    if unknown:
        raise RequestError(f"a note has no {min(unknown)[:40]!r}: it has {', '.join(known)}")
    return {
        "ra": _number(given, "ra", -180.0, 360.0) % 360.0,
        "dec": _number(given, "dec", -90.0, 90.0),
        **{name: _text(given, name, longest) for name, longest in _TEXTS.items()},
        "position_in_list": _number(given, "position_in_list", -1e9, 1e9, 0.0),
    }


def _number(given: Note, name: str, low: float, high: float, default: float | None = None) -> float:
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise RequestError(f"{name}: give a number, {low:g} to {high:g}")
    return value


def _text(given: Note, name: str, longest: int) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str) or len(value) > longest or not is_text(value):
        raise RequestError(f"{name}: give a text of {longest:,} characters at the most")
    return value
