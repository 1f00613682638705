"""Lists of positions in every format that is read, and damaged ones."""

import gzip
from collections.abc import Iterator
from functools import partial
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from astropy import units
from astropy.table import MaskedColumn, Table

from gphoton_db.products.apertures.catalogs import read_positions
from tests.campaign.damage import damaged
from tests.campaign.outcome import Try

ROWS = 12


def list_files() -> dict[str, bytes]:
    """Return small lists of positions, by the name of a file."""
    rng = np.random.default_rng(7)
    ra, dec = 360 * rng.random(ROWS), 180 * rng.random(ROWS) - 90
    table = Table({"name": [f"s{k}" for k in range(ROWS)], "ra": ra, "dec": dec})
    table["ra"].unit = table["dec"].unit = units.deg
    table["mag"] = MaskedColumn(rng.random(ROWS), mask=np.arange(ROWS) % 3 == 0)
    text = Table({"ra": [f"{k % 24:02d}:10:{k:02d}.5" for k in range(ROWS)],
                  "dec": [f"-{k:02d}:30:00" for k in range(ROWS)]})  # fmt: skip
    made = {
        "list.csv": _written(table, "ascii.csv"),
        "words.csv": _written(text, "ascii.csv"),
        "list.ecsv": _written(table, "ascii.ecsv"),
        "list.vot": _written(table, "votable"),
        "binary.vot": _written(table, "votable", tabledata_format="binary2"),
        "list.fits": _written(table, "fits"),
        "words.fits": _written(text, "fits"),
    }
    buffer = BytesIO()
    pq.write_table(pa.table({"ra": ra, "dec": dec, "n": np.arange(ROWS)}), buffer)
    made["list.parquet"] = buffer.getvalue()
    return made | {f"{name}.gz": gzip.compress(made[name], mtime=0) for name in list(made)[:6]}


def damaged_lists(folder: Path, seed: int, n: int) -> Iterator[Try]:
    """Write damaged lists into a folder, one after the other."""
    rng = np.random.default_rng(seed)
    files = list_files()
    names = list(files)
    for number in range(n):
        name = names[int(rng.integers(len(names)))]
        content = files[name]
        if name.endswith(".gz"):
            damage, inner = damaged(gzip.decompress(content), rng)
            content = gzip.compress(inner, mtime=0)
        else:
            damage, content = damaged(content, rng)
        path = folder / f"{number}-{name}"
        path.write_bytes(content)
        yield Try(f"{name} {damage} (seed {seed}, {number})", partial(read_positions, path))


def _written(table: Table, form: str, **options: Any) -> bytes:
    buffer = BytesIO()
    if form.startswith("ascii"):
        text = StringIO()
        table.write(text, format=form, **options)
        return text.getvalue().encode()
    table.write(buffer, format=form, **options)
    return buffer.getvalue()
