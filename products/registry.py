"""The catalogue's table of products: every file that was made, and how."""

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.records import LegRecord, ProductRecord
from gphoton_db.catalogue.superseded import now
from gphoton_db.errors import ArchiveError
from gphoton_db.products.fits.provenance import PROGRAM_VERSION

logger = logging.getLogger(__name__)


def register(
    catalogue: Catalogue,
    paths: Sequence[Path],
    *,
    kind: str,
    parameters: Mapping[str, Any],
    leg: LegRecord | None = None,
) -> None:
    """Enter finished files of one product into an archive's table ``products``.

    Where the archive cannot be changed (it is on read-only media, say) the files stand all the
    same: that is logged, and no error.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    paths : sequence of Path
        The files; entries of earlier files of the same names are replaced.
    kind : str
        ``image``, ``movie``, ``exposure``, ...
    parameters : mapping
        What it was made with; goes into JSON, with the generation of the leg.
    leg : LegRecord, optional
        The leg that it is of, where it is of one.
    """
    records = [_record(catalogue, path, kind, parameters, leg) for path in paths]
    try:
        catalogue.add_products(records)
    except (ArchiveError, OSError) as error:
        logger.warning("%s: not entered into the archive's products (%s)", paths[0], error)


def _record(
    catalogue: Catalogue,
    path: Path,
    kind: str,
    parameters: Mapping[str, Any],
    leg: LegRecord | None,
) -> ProductRecord:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return ProductRecord(
        path=_stored_path(path, catalogue.incoming),
        kind=kind,
        eclipse=leg.eclipse if leg else None,
        band=leg.band if leg else None,
        leg=leg.leg if leg else None,
        parameters=json.dumps({**parameters, **({"generation": leg.generation} if leg else {})}),
        calibration=leg.calibration if leg else None,
        software_version=PROGRAM_VERSION,
        made_at=now(),
        size_bytes=path.stat().st_size,
        sha256=digest,
    )


def _stored_path(path: Path, root: Path) -> str:
    """Return a path relative to the archive where it is inside it: archives are moved."""
    path = path.resolve()
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()
