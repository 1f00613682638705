"""What a version of an archive consists of: the files that its catalogue lists."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from gphoton_db.calibration.manifest import flat_file, mask_file
from gphoton_db.calibration.sets import set_folder, set_names
from gphoton_db.catalogue.merged import FILES
from gphoton_db.errors import ArchiveError
from gphoton_db.mission import Band
from gphoton_db.paths import ArchivePaths
from gphoton_db.query.sql_files import literal
from gphoton_db.remote.pointer import Extra, calibration_name

LEG_APERTURE = "pointing/consolidated/leg-aperture.parquet"
"""Outlines of visits that are known and not ingested, which searches look at."""

_COPIED_AT_ONCE = 1 << 20


@dataclass(frozen=True)
class ListedFile:
    """A file that is to be published.

    Parameters
    ----------
    name : str
        What it is called there.
    path : Path
        Where it is here.
    size_bytes : int or None
        What the catalogue says; None where it does not.
    sha256 : str or None
        Likewise.
    """

    name: str
    path: Path
    size_bytes: int | None = None
    sha256: str | None = None


def files_of(connection: duckdb.DuckDBPyConnection, paths: ArchivePaths) -> list[ListedFile]:
    """Return all files that a catalogue lists, each once, those of the catalogue itself last.

    But for products: a product that is made again takes the name of the one before, and files
    that are published never change.

    Parameters
    ----------
    connection : duckdb.DuckDBPyConnection
        To the version of the catalogue that is to be published.
    paths : ArchivePaths
        Of the archive.
    """
    rows = connection.execute(
        "SELECT path, size_bytes, sha256 FROM leg_files "
        f"UNION ALL SELECT path, size_bytes, sha256 FROM {FILES} "
        # The table has a hash of the positions.
        "UNION ALL SELECT path, NULL, NULL FROM source_files "
        "UNION ALL SELECT path, size_bytes, sha256 FROM survey_files "
        "UNION ALL SELECT path, size_bytes, sha256 FROM segments"
    ).fetchall()
    found = {path: ListedFile(path, paths.root / path, size, sha) for path, size, sha in rows}
    return list(found.values())


def calibration_files(
    connection: duckdb.DuckDBPyConnection, paths: ArchivePaths
) -> Iterator[ListedFile]:
    """Yield the flats and masks that legs were calibrated with, which exposure maps need.

    Those that are no longer where they were read from are left out.
    """
    sets = paths.calibration
    folders = [set_folder(sets, name) for name in set_names(sets)] or [sets]
    names = [file(band).name for band in Band for file in (flat_file, mask_file)]
    rows = connection.execute(
        "SELECT DISTINCT name, sha256, size_bytes, directory FROM calibration_files "
        f"WHERE name IN ({', '.join(map(literal, names))}) ORDER BY name, sha256"
    ).fetchall()
    for name, sha256, size, directory in rows:
        for folder in (Path(directory), *folders):
            path = folder / name
            if path.is_file() and path.stat().st_size == size and digest_of(path) == sha256:
                yield ListedFile(calibration_name(name, sha256), path, size, sha256)
                break


def extra_files(paths: ArchivePaths) -> Iterator[tuple[ListedFile, Extra]]:
    """Yield files that no catalogue lists, under names that say their content."""
    path = paths.root / LEG_APERTURE
    if path.is_file():
        sha256, size = digest_of(path), path.stat().st_size
        name = f"{LEG_APERTURE.removesuffix('.parquet')}-{sha256[:16]}.parquet"
        yield ListedFile(name, path, size, sha256), Extra(LEG_APERTURE, name, size, sha256)


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def content_of(file: ListedFile) -> Iterator[bytes]:
    """Yield the content of a file, which is what the catalogue says, or an error in the end.

    Raises
    ------
    ArchiveError
        If the file is gone or damaged.
    """
    digest, size = hashlib.sha256(), 0
    try:
        with file.path.open("rb") as opened:
            while block := opened.read(_COPIED_AT_ONCE):
                digest.update(block)
                size += len(block)
                yield block
    except FileNotFoundError:
        raise ArchiveError(
            f"{file.path}: is listed and is gone: if the archive was changed meanwhile, publish "
            "it again; else `gphoton-db verify` says what is wrong"
        ) from None
    except OSError as error:
        raise ArchiveError(f"{file.path}: cannot be read ({error.strerror})") from None
    right_size = file.size_bytes in (None, size)
    if not right_size or file.sha256 not in (None, digest.hexdigest()):
        raise ArchiveError(
            f"{file.path}: is not what the catalogue says (size or hash); it was not published: "
            "`gphoton-db verify --deep --repair` puts it right"
        )
