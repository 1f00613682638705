"""Fields of many visits, made of a few legs whose files are linked."""

from collections.abc import Collection
from pathlib import Path
from typing import Any

from gphoton_db.archive import Archive
from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.catalogue.file import locked
from gphoton_db.paths import ArchivePaths

KEY, MARK = b"gphoton_db_seal", b"gphoton-seal-1 "
"""Where a file has its seal (`gphoton_db.system.seal`); as long as what stands for them here."""

TABLES = ("legs", "leg_files", "shutter_gaps", "coverage")


def make_deep_field(
    source: Path,
    root: Path,
    visits: int,
    *,
    seconds: bool = True,
    eclipses: Collection[int] | None = None,
) -> None:
    """Make an archive in which the eclipses of another are seen again and again.

    Parameters
    ----------
    source : Path
        The archive whose files are linked; eclipse e becomes e, e + 100, e + 200, ...
    root : Path
        The new one.
    visits : int
        How often.
    seconds : bool
        Whether legs have files of seconds, which those of an older gphoton-db lack.
    eclipses : collection of int, optional
        Of the source; by default all.
    """
    with Archive(source) as archive:
        which = f"WHERE eclipse IN ({', '.join(map(str, eclipses))})" if eclipses else ""
        tables = {table: archive.query(f"FROM {table} {which}").arrow() for table in TABLES}
    Archive(root, create=True).close()
    for row in tables["leg_files"].to_pylist():
        _link(source / row["path"], root, row, visits)
    catalogue = Catalogue(ArchivePaths(root))
    with locked(catalogue.paths), catalogue.changing(TABLES, None, None) as connection:
        for table, rows in tables.items():
            connection.register("source", rows)
            wanted = "WHERE kind <> 'seconds'" if table == "leg_files" and not seconds else ""
            path = (
                ", replace(path, '/eclipse=' || eclipse, '/eclipse=' || (eclipse + 100 * k)) "
                "AS path"
                if table in ("legs", "leg_files")
                else ""
            )
            connection.execute(
                f"INSERT INTO {table} BY NAME SELECT source.* "
                f"REPLACE (eclipse + 100 * k AS eclipse{path}) "
                f"FROM source, range({visits}) AS visit(k) {wanted}"
            )
            connection.unregister("source")


def _link(file: Path, root: Path, row: dict[str, Any], visits: int) -> None:
    # Without its seal, which says of which eclipse it is, as an older gphoton-db wrote it.
    copy = root / "unsealed.parquet"
    content = file.read_bytes()
    copy.write_bytes(content.replace(KEY, b"no-seal-is-here").replace(MARK, b"no-seal-is-here"))
    for k in range(visits):
        name = row["path"].replace(
            f"/eclipse={row['eclipse']}/", f"/eclipse={row['eclipse'] + 100 * k}/"
        )
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).hardlink_to(copy)
    copy.unlink()
