"""Descriptions in files of the whole archive's tables, used if the catalogue is lost."""

import hashlib
import json
import logging
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from gphoton_db.catalogue.survey import SurveyFileRecord
from gphoton_db.paths import SURVEY
from gphoton_db.schemas import OF_SURVEY

logger = logging.getLogger(__name__)

RECORD_KEY = b"gphoton_db_survey_file"
"""In the metadata of a file; its value is JSON."""


def write_survey_file(record: SurveyFileRecord, rows: pa.Table, path: Path) -> SurveyFileRecord:
    """Write rows to a file that says itself what it is; return its record with size and hash."""
    said = asdict(record) | {"made_at": record.made_at.isoformat()}
    content = rows.replace_schema_metadata({RECORD_KEY: json.dumps(said)})
    pq.write_table(content, path, compression="zstd")
    return _measured(record, path)


def _measured(record: SurveyFileRecord, path: Path) -> SurveyFileRecord:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return replace(record, size_bytes=path.stat().st_size, sha256=digest)


def find_survey_files(root: Path) -> list[SurveyFileRecord]:
    """Return the records of an archive's files, in the order in which they were made.

    Files that cannot be read, or do not say what they are, are left out, and logged.
    """
    found = []
    for path in sorted((root / SURVEY).glob("*.parquet")):
        try:
            said = json.loads((pq.read_metadata(path).metadata or {})[RECORD_KEY])
            said["made_at"] = datetime.fromisoformat(said["made_at"])
            said["path"] = path.relative_to(root).as_posix()
            found.append(_measured(_checked(SurveyFileRecord(**said)), path))
        except (OSError, pa.ArrowException, KeyError, TypeError, ValueError) as error:
            logger.warning("%s: left out: is damaged or does not say what it is (%s)", path, error)
    return sorted(found, key=lambda record: record.made_at)


def _checked(record: SurveyFileRecord) -> SurveyFileRecord:
    if record.kind not in OF_SURVEY:
        raise ValueError(f"{record.kind} is no kind of such files")
    json.loads(record.parameters)
    return record
