"""The manifest in a leg's files: everything that the catalogue says of the leg."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, TypeVar, get_type_hints

from gphoton_db.aspect.pointing import VisitMetadata
from gphoton_db.catalogue.records import CalibrationFileRecord, FileRecord, IngestRecord, LegRecord
from gphoton_db.errors import ArchiveError

Record = TypeVar("Record")


@dataclass(frozen=True)
class Manifest:
    """Everything that the catalogue says of one leg, but for the file that holds the manifest.

    ``replaces`` has the generations of the legs that it took the place of.  Their files stay for a
    while, and a clock may have been set back: it is this, and not the time, that says which of two
    counts.
    """

    leg: LegRecord
    files: tuple[FileRecord, ...]
    calibration: tuple[CalibrationFileRecord, ...]
    visit: VisitMetadata
    ingest: IngestRecord
    replaces: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Return the manifest as JSON; times in ISO format, UTC."""
        return json.dumps(asdict(self), default=datetime.isoformat)

    @classmethod
    def from_json(cls, text: str) -> "Manifest":
        """Read a manifest back.

        Raises
        ------
        ArchiveError
            If it is not one, or of a version of gphoton-db that wrote other fields.
        """
        try:
            fields: dict[str, Any] = json.loads(text)
            leg, ingest = fields["leg"], fields["ingest"]
            leg["ingested_at"] = datetime.fromisoformat(leg["ingested_at"])
            ingest["started_at"] = datetime.fromisoformat(ingest["started_at"])
            return cls(
                _typed(LegRecord(**leg)),
                tuple(_typed(FileRecord(**file)) for file in fields["files"]),
                tuple(_calibration(*file.items()) for file in fields["calibration"]),
                _typed(VisitMetadata(**fields["visit"])),
                _typed(IngestRecord(**ingest)),
                tuple(str(name) for name in fields.get("replaces", ())),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArchiveError(f"not a manifest of this version of gphoton-db ({error})") from None


@lru_cache(maxsize=1000)
def _calibration(*fields: tuple[str, Any]) -> CalibrationFileRecord:
    """Return the record of a file: legs have the same ones over and over, some twenty each."""
    return _typed(CalibrationFileRecord(**dict(fields)))


def _typed(record: Record) -> Record:
    """Return a record, if its values are of the types that it declares."""
    kind_of_record: Any = type(record)
    for name, kind in _types(kind_of_record).items():
        value = getattr(record, name)
        if not isinstance(value, kind):
            raise TypeError(f"{name} is {value!r}")
    return record


@cache
def _types(record: type[Any]) -> dict[str, Any]:
    """Return which types the values of a record may be of; a whole number is a number, too."""
    hints = get_type_hints(record).items()
    return {n: kind | int if kind in (float, float | None) else kind for n, kind in hints}
