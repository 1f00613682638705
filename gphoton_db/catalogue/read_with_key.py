"""SQL that reads files of legs, with eclipse, band and leg, which only their folders say."""

import re
from pathlib import Path

_KEY = re.compile("(^|/)(eclipse|band|leg)=", re.IGNORECASE)

_FROM_PATH = """(
    SELECT
        *,
        regexp_extract(filename, '.*/eclipse=([0-9]+)/leg=', 1)::INTEGER AS eclipse,
        regexp_extract(filename, '.*/band=([A-Z]+)/eclipse=', 1) AS band,
        regexp_extract(filename, '.*/leg=([0-9]+)/', 1)::INTEGER AS leg,
        filename
    FROM read_parquet({paths}, hive_partitioning = false)
)"""


def read_with_key(paths: str, root: Path) -> str:
    """Return what stands behind FROM to read files with the columns of `schemas.LEG`.

    DuckDB takes them from all folders of a path, and of two of a name the upper one: in an archive
    below a folder ``band=NUV`` all photons would be of that band.  There they are read from the
    end of the path, and a condition on them opens every file.

    Parameters
    ----------
    paths : str
        SQL for the list of files.
    root : Path
        The archive's folder.
    """
    from gphoton_db.schemas import LEG_TYPES  # with Arrow, which no opening needs

    if is_like_key(root):
        return _FROM_PATH.replace("{paths}", paths)
    return f"read_parquet({paths}, hive_partitioning = true, hive_types = {LEG_TYPES})"


def is_like_key(root: Path) -> bool:
    """Return whether an archive's folder, or one above it, is called as if it were of a leg."""
    return _KEY.search(root.as_posix()) is not None
