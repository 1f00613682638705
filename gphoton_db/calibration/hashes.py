"""Lists of hashes that files must have: SHA-256, or those that git gives to files (blobs)."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from gphoton_db.errors import CalibrationError

_SHA256_DIGITS, _GIT_DIGITS = 64, 40

_LINE = re.compile(
    rf"(?:\d{{6}}\s+blob\s+)?([0-9a-fA-F]{{{_SHA256_DIGITS}}}|[0-9a-fA-F]{{{_GIT_DIGITS}}})"
    r"(?:\s+\d+|\s+-)?\s+\*?(\S.*)"
)
"""As sha256sum writes it (``hash  name``), or ``git ls-tree -r [-l]`` (``mode blob hash name``)."""

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True)
class FileHashes:
    """Hashes of one file: SHA-256 of its content, and its name as a blob of git (SHA-1)."""

    sha256: str
    git_blob: str

    def agree_with(self, expected: str) -> bool:
        """Return whether a hash, of either kind, is of this file."""
        return expected.lower() in (self.sha256, self.git_blob)


def hash_file(path: Path) -> FileHashes:
    """Read a file and return its hashes.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    sha256 = hashlib.sha256()
    blob = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            sha256.update(chunk)
            blob.update(chunk)
    return FileHashes(sha256.hexdigest(), blob.hexdigest())


def read_hash_list(path: Path) -> Mapping[str, str]:
    """Return the hash of each file of a list, by the file's name without folders.

    Raises
    ------
    CalibrationError
        If it cannot be read, has a line that is no hash and name, or two hashes of one name.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise CalibrationError(f"{path}: cannot be read as a list of hashes ({error})") from None
    hashes: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = _LINE.fullmatch(line.strip())
        if match is None:
            raise CalibrationError(
                f"{path}, line {number}: write a SHA-256 (or git's hash of a blob) and the name of "
                f"a file, not {line.strip()[:80]!r}"
            )
        name, expected = PurePosixPath(match[2]).name, match[1].lower()
        if hashes.setdefault(name, expected) != expected:
            raise CalibrationError(f"{path}, line {number}: another hash of {name}")
    return hashes


def given_hashes(path: str | Path | None) -> Mapping[str, str]:
    """Return the hashes of a list that a user may have named; none where none was."""
    return read_hash_list(Path(path).expanduser()) if path else {}
