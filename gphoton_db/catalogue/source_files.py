"""Descriptions in files of sources and photometry, used if the catalogue is lost."""

import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from time import time_ns
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.sources import SourceFileRecord
from gphoton_db.schemas import OF_SOURCES

logger = logging.getLogger(__name__)

RECORD_KEY = b"gphoton_db_source_file"
"""In the metadata of a file; its value is JSON."""


def description(record: SourceFileRecord) -> dict[bytes, str]:
    """Return the metadata of a file that is being written: its record, and the time."""
    return {RECORD_KEY: json.dumps({"written_ns": time_ns(), "record": asdict(record)})}


def find_source_files(root: Path) -> list[SourceFileRecord]:
    """Return the records of an archive's files of sources and photometry, in the order of time.

    To be entered one after the other, as they were: later ones supersede earlier ones.  Files that
    cannot be read, or do not say what they are, are left out, and logged.
    """
    found = [
        described
        for kind in OF_SOURCES
        for path in sorted((root / kind).glob("band=*/eclipse=*/leg=*/*.parquet"))
        for described in _described(root, path)
    ]
    return [record for _, record in sorted(found, key=lambda each: each[0])]


def _described(root: Path, path: Path) -> Iterator[tuple[int, SourceFileRecord]]:
    try:
        footer = pq.read_metadata(path)
        fields: dict[str, Any] = json.loads((footer.metadata or {})[RECORD_KEY])
        record = SourceFileRecord(**fields["record"])
        written_ns = int(fields["written_ns"])
    except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
        logger.warning("%s: left out: is damaged or does not say what it is (%s)", path, error)
        return
    yield written_ns, replace(record, path=path.relative_to(root).as_posix())
