"""Rows of a query as CSV, JSON and Parquet, written as they come."""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

from gphoton_db.errors import GPhotonError

if TYPE_CHECKING:
    import pyarrow as pa

    from gphoton_db.query.row_stream import RowStream


def write_csv(stream: "RowStream", file: BinaryIO) -> int:
    """Write rows as CSV, and return how many there are.

    What is not known, NULL and NaN, is a blank.  Lists, structs and maps are JSON, bytes are
    hexadecimal.
    """
    import pyarrow as pa
    import pyarrow.csv

    n_rows = 0
    schema = stream.schema
    head = pa.Table.from_arrays([pa.nulls(0, pa.string())] * len(schema), schema.names)
    pa.csv.write_csv(head, file)
    without_header = pa.csv.WriteOptions(include_header=False)
    for batch in stream.batches:
        columns = [
            _for_csv(column, name) for name, column in zip(schema.names, batch.columns, strict=True)
        ]
        pa.csv.write_csv(pa.Table.from_arrays(columns, schema.names), file, without_header)
        n_rows += batch.num_rows
    return n_rows


def write_json(stream: "RowStream", file: BinaryIO) -> int:
    """Write rows as a JSON list of objects, and return how many there are.

    What is not known, and numbers that JSON does not know, are null; bytes are hexadecimal.
    """
    from gphoton_db.query.plain import plain_values

    names = stream.schema.names
    n_rows = 0
    file.write(b"[")
    for batch in stream.batches:
        columns = [plain_values(*pair) for pair in zip(batch.columns, names, strict=True)]
        for row in zip(*columns, strict=True):
            values = dict(zip(names, row, strict=True))
            # A list of one row, without its brackets: the indentation is that of the whole list.
            text = json.dumps([values], allow_nan=False, indent=2)[1:-2]
            file.write(("," if n_rows else "").encode() + text.encode())
            n_rows += 1
    file.write(b"\n]\n" if n_rows else b"]\n")
    return n_rows


def write_parquet(stream: "RowStream", file: BinaryIO) -> int:
    """Write rows as Parquet, and return how many there are.

    Raises
    ------
    GPhotonError
        If a column is of integers within 64 bits at first, and later not.
    """
    import pyarrow as pa
    import pyarrow.parquet

    n_rows = 0
    first, batches = _first(stream)
    columns = [_numbers(column) for column in first.columns]
    schema = pa.schema(list(zip(stream.schema.names, (c.type for c in columns), strict=True)))
    with pa.parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(_as(batch, schema))
            n_rows += batch.num_rows
    return n_rows


def _first(stream: "RowStream") -> "tuple[pa.RecordBatch, Iterator[pa.RecordBatch]]":
    """Return the first batch, which may be empty, and all of them."""
    from itertools import chain

    import pyarrow as pa

    first = next(stream.batches, None)
    if first is None:
        return pa.RecordBatch.from_pylist([], stream.schema), iter(())
    return first, chain([first], stream.batches)


def _numbers(column: "pa.Array") -> "pa.Array":
    from gphoton_db.query.query import numbers_of

    return numbers_of(column)


def _as(batch: "pa.RecordBatch", schema: "pa.Schema") -> "pa.RecordBatch":
    import pyarrow as pa

    try:
        pairs = zip(batch.columns, schema.types, strict=True)
        columns = [_numbers(column).cast(kind) for column, kind in pairs]
    except pa.ArrowInvalid as error:
        raise GPhotonError(
            f"a number does not fit into the type of its column ({error}): cast it to DOUBLE"
        ) from None
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _for_csv(column: "pa.Array", name: str) -> "pa.Array":
    """Return a column as CSV has it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from gphoton_db.query.plain import as_json, infinite_as_text, is_nested, plain_values

    kind = column.type
    if is_nested(kind):
        values = plain_values(column, name)
        return pa.array([None if v is None else as_json(v) for v in values], pa.string())
    if pa.types.is_binary(kind):
        return pa.array(plain_values(column, name), pa.string())
    if pa.types.is_dictionary(kind):
        return column.cast(kind.value_type)
    if pa.types.is_floating(kind):
        return pc.if_else(pc.is_nan(column), None, column)
    if pa.types.is_decimal(kind):
        return _whole(column) if kind.scale == 0 else _numbers(column)
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return pa.array(texts, pa.string()) if (texts := infinite_as_text(column)) else column
    return column


def _whole(column: "pa.Array") -> "pa.Array":
    """Return whole numbers as int64 or, where they do not fit, as text: CSV keeps them all."""
    import pyarrow as pa

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column.cast(pa.string())


WRITERS: dict[str, Callable[["RowStream", BinaryIO], int]] = {
    "csv": write_csv,
    "json": write_json,
    "parquet": write_parquet,
}
"""By the format's name."""
