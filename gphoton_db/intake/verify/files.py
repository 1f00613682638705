"""Files as the catalogue lists them: there, of their size and rows, and what they say they are."""

import hashlib
import stat
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.records import FileRecord, LegRecord
from gphoton_db.catalogue.segment_files import digest_of
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import leg_file, photon_file
from gphoton_db.system.inside import inside
from gphoton_db.system.seal import read_seal


def file_message(
    root: Path, name: str, size: int, sha256: str, n_rows: int | None, *, deep: bool
) -> str | None:
    """Return what is wrong with a file; None if nothing is.

    Parameters
    ----------
    root : Path
        The archive's folder.
    name : str
        The file, relative to it.
    size, sha256, n_rows
        As they are listed; `n_rows` is None for what is no Parquet file.
    deep : bool
        Read all of it, and compare its hash.
    """
    try:
        return outside_message(inside(root, name), size, sha256, n_rows, deep=deep)
    except ArchiveError as error:
        return str(error)


def outside_message(
    path: Path, size: int, sha256: str, n_rows: int | None = None, *, deep: bool
) -> str | None:
    """Return what is wrong with a file wherever it is; see `file_message`."""
    try:
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            return "is no file"
        if state.st_size != size:
            return f"has {state.st_size:,} bytes, and {size:,} are listed"
        if deep and digest_of(path) != sha256:
            return "has another content than the one that was written (its hash differs)"
        if n_rows is None:
            return None
        found = pq.read_metadata(path).num_rows
        return None if found == n_rows else f"has {found:,} rows, and {n_rows:,} are listed"
    except FileNotFoundError:
        return "is not there"
    except (OSError, ValueError, pa.ArrowException) as error:
        return f"cannot be read ({error})"


def leg_file_message(root: Path, leg: LegRecord, file: FileRecord, *, deep: bool) -> str | None:
    """Return what is wrong with a file of a leg; None if nothing is."""
    key = (Band(leg.band), leg.eclipse, leg.leg, leg.generation)
    name = photon_file(*key, file.part) if file.kind == "photons" else leg_file(file.kind, *key)
    if file.path != name:
        return f"is not called as a file of its leg is: {name}"
    message = file_message(root, name, file.size_bytes, file.sha256, file.n_rows, deep=deep)
    if message is not None:
        return message
    try:
        seal = read_seal(root / name)
        if deep and seal is not None:
            seal.check()
    except ArchiveError as error:
        return str(error)
    return None


def listing_messages(leg: LegRecord, files: list[FileRecord]) -> Iterator[str]:
    """Yield what does not agree between a leg and the list of its files."""
    photons = [file for file in files if file.kind == "photons"]
    hashes = "".join(f"{file.sha256}\n" for file in photons)
    for what, found, listed in (
        ("photon files", len(photons), leg.n_files),
        ("photons", sum(file.n_rows for file in photons), leg.n_photons),
        ("bytes of photons", sum(file.size_bytes for file in photons), leg.size_bytes),
    ):
        if found != listed:
            yield f"has {found:,} {what} in the list of files, and {listed:,} in that of legs"
    if hashlib.sha256(hashes.encode()).hexdigest() != leg.sha256:
        yield "the hashes of its files are not those that it was made with"
