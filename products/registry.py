"""The catalogue's table of products: every file that was made, and how."""

import hashlib
import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.product_notes import ProductNote
from gphoton_db.catalogue.records import LegRecord, ProductRecord
from gphoton_db.catalogue.superseded import now
from gphoton_db.errors import ArchiveError
from gphoton_db.products.fits.provenance import PROGRAM_VERSION
from gphoton_db.system.durable import Move

logger = logging.getLogger(__name__)


@contextmanager
def entered(
    catalogue: Catalogue,
    *,
    kind: str,
    parameters: Mapping[str, Any],
    leg: LegRecord | None = None,
) -> Iterator[Move]:
    """Give what moves the finished files of a product to their places; enter them in the end.

    They are entered into an archive's table ``products``, in the place of earlier files of the
    same names: also those that are there when another one cannot be written; and by whoever comes
    next, if this process is killed.  Where the archive cannot be changed (it is on read-only
    media, say) the files stand all the same: that is logged, and no error.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    kind : str
        ``image``, ``movie``, ``exposure``, ...
    parameters : mapping
        What it was made with; goes into JSON, with the generation of the leg.
    leg : LegRecord, optional
        The leg that it is of, where it is of one.

    Yields
    ------
    callable
        For `fits.files.being_written`, and what calls that.
    """
    note, records = catalogue.product_note(), list[ProductRecord]()

    def move(source: Path, target: Path) -> None:
        record = _record(source, _stored_path(target, catalogue.incoming), kind, parameters, leg)
        note.move(record, source, target)
        records.append(record)

    try:
        yield move
    finally:
        if records:
            _enter(catalogue, records, note)


def _enter(catalogue: Catalogue, records: Sequence[ProductRecord], note: ProductNote) -> None:
    try:
        catalogue.add_products(records, note)
        note.forget()
    except (ArchiveError, OSError) as error:
        name = records[0].path
        logger.warning("%s: not entered into the archive's products (%s)", name, error)
    finally:
        note.release()


def _record(
    content: Path,
    stored: str,
    kind: str,
    parameters: Mapping[str, Any],
    leg: LegRecord | None,
) -> ProductRecord:
    with content.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ProductRecord(
        path=stored,
        kind=kind,
        eclipse=leg.eclipse if leg else None,
        band=leg.band if leg else None,
        leg=leg.leg if leg else None,
        parameters=json.dumps({**parameters, **({"generation": leg.generation} if leg else {})}),
        calibration=leg.calibration if leg else None,
        software_version=PROGRAM_VERSION,
        made_at=now(),
        size_bytes=content.stat().st_size,
        sha256=digest,
    )


def _stored_path(path: Path, root: Path) -> str:
    """Return a path relative to the archive where it is inside it: archives are moved."""
    path = path.parent.resolve() / path.name
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
