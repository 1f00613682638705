"""A download that is not complete, and the facts that are needed to resume it.

``NAME.part`` holds what came so far, ``NAME.part.json`` where it came from.  Both stay after a
break, even of the process, and the next attempt asks the server for the rest only.
"""

import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

PART = ".part"
STATE = ".part.json"
LOCK = ".lock"

LEFTOVERS = (PART, STATE, LOCK)
"""How the names of a download's own files end."""


@dataclass(frozen=True)
class Origin:
    """What a server said of the file that is being fetched.

    Parameters
    ----------
    url : str
        Address.
    etag, modified : str or None
        What tells this version from another one: a strong ``ETag``, ``Last-Modified``.
    total : int or None
        Bytes of the whole file.
    """

    url: str
    etag: str | None
    modified: str | None
    total: int | None

    @property
    def version(self) -> str | None:
        """What ``If-Range`` says."""
        return self.etag or self.modified


@dataclass(frozen=True)
class Partial:
    """The part of `target` that is there.

    Parameters
    ----------
    target : Path
        The file when it is complete.
    """

    target: Path

    @property
    def path(self) -> Path:
        """The file with what came so far."""
        return self.target.with_name(self.target.name + PART)

    @property
    def _state(self) -> Path:
        return self.target.with_name(self.target.name + STATE)

    @property
    def size(self) -> int:
        """Bytes that are there."""
        return self.path.stat().st_size if self.path.exists() else 0

    def origin(self) -> Origin | None:
        """Return where it came from; None if that is not known, so that it is of no use."""
        if self.path.is_symlink():
            return None  # whatever it leads to is not ours to write on
        try:
            values: Any = json.loads(self._state.read_text(encoding="utf-8"))
            return Origin(**{field.name: values[field.name] for field in fields(Origin)})
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def begin(self, origin: Origin) -> None:
        """Start anew with a version of the file."""
        self.discard()
        self._state.write_text(json.dumps(asdict(origin)), encoding="utf-8")

    def discard(self) -> None:
        """Forget what came so far."""
        self.path.unlink(missing_ok=True)
        self._state.unlink(missing_ok=True)

    def finish(self) -> None:
        """Tidy up when the file has its name."""
        self._state.unlink(missing_ok=True)
