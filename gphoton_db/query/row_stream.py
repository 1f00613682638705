"""Rows of a query as they come."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

WHOLE = ("tinyint", "smallint", "integer", "bigint")
NUMBERS = (*WHOLE, *(f"u{name}" for name in WHOLE), "hugeint", "float", "double")
PLAIN = (*NUMBERS, "boolean", "varchar")
"""DuckDB's names of types whose values are the same by way of Arrow and straight from DuckDB."""


@dataclass(frozen=True, eq=False)
class PlainRows:
    """Rows of plain values, without Arrow.

    Parameters
    ----------
    names : sequence of str
        Of the columns.
    numeric : sequence of bool
        Which of them are of numbers.
    batches : iterator of list of tuple
        The rows.
    """

    names: Sequence[str]
    numeric: Sequence[bool]
    batches: Iterator[list[tuple[Any, ...]]]


@dataclass(frozen=True)
class ArrowRows:
    """Rows as record batches of Arrow, which all are of a schema."""

    schema: "pa.Schema"
    batches: "Iterator[pa.RecordBatch]"


class RowStream:
    """The rows of a query as they come, which nobody keeps.

    They are read once, in one of two ways: as `plain` rows where that is possible, or from
    `batches`.

    Parameters
    ----------
    arrow : callable
        Returns the rows as Arrow has them.
    plain : callable, optional
        Returns them as `PlainRows`, or None where Arrow is the better way.
    """

    def __init__(
        self,
        arrow: Callable[[], ArrowRows],
        plain: Callable[[], PlainRows | None] = lambda: None,
    ) -> None:
        self._arrow = arrow
        self._plain = plain

    @property
    def schema(self) -> "pa.Schema":
        """Names and types of the columns; decimal numbers are still that."""
        return self._read.schema

    @property
    def batches(self) -> "Iterator[pa.RecordBatch]":
        """The rows, of which one batch is in memory at a time."""
        return self._read.batches

    def plain(self) -> PlainRows | None:
        """Return the rows as plain values, to be read at once; None: take `batches`."""
        return self._plain()

    @cached_property
    def _read(self) -> ArrowRows:
        return self._arrow()
