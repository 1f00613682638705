"""What is found wrong with an archive."""

from dataclasses import dataclass

from gphoton_db.errors import ArchiveError


@dataclass(frozen=True)
class Fault:
    """Something that is not as it should be.

    Parameters
    ----------
    kind
        ``file`` (of a leg), ``leg`` (its files do not agree), ``catalogue``, ``merged``,
        ``sources`` or ``product``.
    path
        The file, relative to the archive where it is in it.
    message
        What is wrong.
    eclipse, band
        Of which it is; None where it is of no one.
    """

    kind: str
    path: str
    message: str
    eclipse: int | None = None
    band: str | None = None

    def as_error(self) -> ArchiveError:
        """Return it as an error."""
        return ArchiveError(f"{self.path}: {self.message}")


@dataclass(frozen=True)
class Verification:
    """What was looked at, and what was found.

    Parameters
    ----------
    faults
        What is wrong.
    remarks
        What is odd, and nobody's fault: products that are gone.
    n_files, n_bytes
        What was looked at.
    deep
        Whether the content of the files was read.
    repaired
        What was put right, in words; the faults are those that remain.
    """

    faults: tuple[Fault, ...]
    remarks: tuple[str, ...]
    n_files: int
    n_bytes: int
    deep: bool
    repaired: tuple[str, ...] = ()
