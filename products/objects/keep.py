"""Tables of the whole archive into it: Parquet files, which its views read."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import pyarrow as pa

from gphoton_db._version import __version__
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked
from gphoton_db.catalogue.strays import paths_in, remove_unlisted
from gphoton_db.catalogue.superseded import now
from gphoton_db.catalogue.survey import SurveyFileRecord, replace_files
from gphoton_db.catalogue.survey_files import write_survey_file
from gphoton_db.errors import ArchiveError
from gphoton_db.paths import SURVEY
from gphoton_db.system.durable import hidden_beside, move_durably
from gphoton_db.system.inside import inside


def store_survey(
    catalogue: Catalogue,
    tables: Sequence[tuple[str, pa.Table, dict[str, Any]]],
    based_on: Mapping[str, str | None],
) -> list[SurveyFileRecord]:
    """Write tables of the whole archive, and enter them in one commit.

    Parameters
    ----------
    catalogue : Catalogue
        Of the archive.
    tables : sequence of (str, Table, dict)
        The kind, the rows, and what they were made with.
    based_on : mapping
        Kinds of files, and the file of it that the tables go on from; None: there was none.

    Raises
    ------
    ArchiveError
        If another process has replaced one of those meanwhile, or does not let go of the archive.
    OSError
        If a file cannot be written.
    """
    root, records = catalogue.paths.root, []
    with locked(catalogue.paths):
        _settle(catalogue, based_on)
        for kind, rows, parameters in tables:
            record = _new_record(kind, len(rows), parameters)
            path = inside(root, record.path)
            path.parent.mkdir(parents=True, exist_ok=True)
            with hidden_beside(path) as temporary:
                records.append(write_survey_file(record, rows, temporary))
                move_durably(temporary, path)
        with catalogue.changing() as connection:
            replace_files(connection, records)
    return records


def _new_record(kind: str, n_rows: int, parameters: dict[str, Any]) -> SurveyFileRecord:
    name, text = f"{SURVEY}/{kind}-{uuid4().hex}.parquet", json.dumps(parameters)
    return SurveyFileRecord(kind, name, text, n_rows, 0, "", __version__, now())


def _settle(catalogue: Catalogue, based_on: Mapping[str, str | None]) -> None:
    """Check that nobody was faster; remove files of killed processes that nothing lists."""
    root = catalogue.paths.root
    with catalogue.reader() as connection:
        rows = connection.execute("SELECT kind, path FROM survey_files").fetchall()
        for kind, path in based_on.items():
            if dict(rows).get(kind) != path:
                raise ArchiveError(
                    f"another process has made {kind} meanwhile: run this again, and it goes on "
                    "from those"
                )
        known = {path for _, path in rows} | paths_in(connection, "superseded_files")
        remove_unlisted(root, (root / SURVEY).glob("*.parquet"), known)
