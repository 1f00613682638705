"""Opening an archive that is afar: which version counts, and its catalogue, which is kept here."""

import logging
from importlib.util import find_spec
from pathlib import Path

from gphoton_db.errors import ArchiveError, not_installed
from gphoton_db.remote.address import address_of
from gphoton_db.remote.files import stands_for
from gphoton_db.remote.kept import (
    KeptTails,
    cache_folder,
    digest_of,
    forget_versions,
    write_whole,
)
from gphoton_db.remote.mounted import Mounted
from gphoton_db.remote.parts import MissingFileError, Source
from gphoton_db.remote.pointer import PLAIN_CATALOGUE, POINTER, Pointer
from gphoton_db.remote.store import RangeStore

logger = logging.getLogger(__name__)


def mount(place: str | Path) -> Mounted:
    """Fetch what says which version of an archive counts, and its catalogue, unless it is here.

    Raises
    ------
    ArchiveError
        If there is no published archive at the address, it cannot be read, or the extra that this
        needs is not installed.
    """
    address = address_of(place)
    require_cloud("fsspec")
    source = source_of(address)
    try:
        content = source.whole(POINTER)
    except MissingFileError:
        raise ArchiveError(
            f"{address}: there is no published archive there ({POINTER} is missing): give the "
            "folder or bucket that `gphoton-db publish` wrote to"
        ) from None
    pointer = Pointer.from_json(content, f"{address}/{POINTER}")
    folder = cache_folder(address)
    root = folder / pointer.sha256[:16]
    try:
        _keep_catalogue(source, pointer, root)
        forget_versions(folder, root)
    except OSError as error:
        raise ArchiveError(
            f"{root}: the catalogue of {address} cannot be kept there ({error.strerror}): make "
            "room, or name another folder in GPHOTON_DB_CACHE"
        ) from None
    tails = KeptTails(folder)
    tails.forget()
    mounted = Mounted(address, pointer, root, RangeStore(source, tails))
    stands_for(root, mounted)
    return mounted


def require_cloud(*modules: str) -> None:
    """Check that packages of the extra ``cloud`` are installed.

    Raises
    ------
    ArchiveError
        If one is not.
    """
    for name in modules:
        if find_spec(name) is None:
            raise ArchiveError(not_installed("an archive that is afar", name, "cloud"))


def source_of(address: str) -> Source:
    """Return what reads the files below an address.

    Raises
    ------
    ArchiveError
        If the extra ``cloud`` is not installed.
    """
    if address.startswith("s3://"):
        require_cloud("boto3")
        from gphoton_db.remote.bucket import BucketSource

        return BucketSource(address)
    from gphoton_db.remote.http import HttpSource

    return HttpSource(address)


def _keep_catalogue(source: Source, pointer: Pointer, root: Path) -> None:
    file = root / PLAIN_CATALOGUE
    (root / "catalogue").mkdir(parents=True, exist_ok=True)  # what it lists is afar
    if file.exists() and digest_of(file.read_bytes()) == pointer.sha256:
        root.touch()
        return
    content = source.whole(pointer.catalogue)
    if len(content) != pointer.size_bytes or digest_of(content) != pointer.sha256:
        raise ArchiveError(
            f"{source.address}/{pointer.catalogue}: is not the catalogue that {POINTER} names: "
            "open it again, or publish it again"
        )
    write_whole(file, content)
    logger.info("%s: its catalogue is kept in %s", source.address, root)
