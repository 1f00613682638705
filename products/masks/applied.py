"""Masks of detector cells as products take them, and what products say of the mask they took.

Photons on masked cells count as those on hotspots do: they set the flag, and detection leaves
their pixels out.  Neither counts nor exposure change.
"""

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from gphoton_db.errors import ProductError
from gphoton_db.kernels.arrays import read_only
from gphoton_db.mission import DETECTOR_PIXELS
from gphoton_db.products.masks.options import MaskOptions
from gphoton_db.products.photon_batches import Photons

Result = TypeVar("Result")

Mask = str | Path
"""``calibration``, ``data``, or a file that `Archive.mask` wrote."""

Cells = NDArray[np.bool_]

STANDARD = "calibration"
FROM_DATA = "data"

_DIGITS = 16
"""Of the hash of a file that headers have."""


def in_cells(cells: Cells, photons: Photons) -> NDArray[np.bool_]:
    """Return which photons are in some detector cells."""
    col, row = (
        np.clip(photons[name].astype(np.int64), 0, DETECTOR_PIXELS - 1) for name in ("col", "row")
    )
    found: NDArray[np.bool_] = cells[col, row]
    return found


def with_cells(photons: Photons, cells: Cells | None) -> Photons:
    """Return photons with those of some cells on hotspots, too; None: of no others."""
    if cells is None:
        return photons
    return photons | {"mask": read_only(photons["mask"] | in_cells(cells, photons))}


def of_masked(
    function: Callable[[Photons], Result], cells: Cells | None
) -> Callable[[Photons], Result]:
    """Return a function that takes photons as `with_cells` returns them."""
    return function if cells is None else lambda photons: function(with_cells(photons, cells))


def absolute_mask(mask: Mask) -> Mask:
    """Return the same for a process that works in another folder."""
    return mask if str(mask) in (STANDARD, FROM_DATA) else Path(mask).absolute()


def mask_suffix(mask: Mask) -> str:
    """Return what the names of products have behind their kind, none with the standard mask.

    Raises
    ------
    ProductError
        If a file cannot be read.
    """
    if str(mask) == STANDARD:
        return ""
    return f"-mask-{FROM_DATA if str(mask) == FROM_DATA else _sha256(mask)[:8]}"


def mask_parameters(mask: Mask) -> dict[str, str]:
    """Return what the archive's table of products says of the mask; see `mask_suffix`.

    Only of another than the standard one: what was made before there were others is still that.
    """
    if str(mask) in (STANDARD, FROM_DATA):
        return {} if str(mask) == STANDARD else {"mask": FROM_DATA}
    return {"mask": str(mask), "mask_sha256": _sha256(mask)}


def mask_meta(mask: Mask) -> dict[str, Any]:
    """Return what headers and tables say of the mask: nothing of the standard one.

    See `mask_suffix`.
    """
    if str(mask) == STANDARD:
        return {}
    if str(mask) == FROM_DATA:
        thresholds = asdict(MaskOptions())
        return {"MASK": FROM_DATA} | {keyword_of(name): thresholds[name] for name in thresholds}
    return {"MASK": Path(mask).name, "MASKSHA": _sha256(mask)[:_DIGITS]}


def keyword_of(option: str) -> str:
    """Return the keyword of a field of `MaskOptions`."""
    return option.upper().replace("_", "")[:8]


def _sha256(mask: Mask) -> str:
    try:
        return hashlib.sha256(Path(mask).expanduser().read_bytes()).hexdigest()
    except OSError as error:
        raise ProductError(
            f"{mask}: cannot be read ({error.strerror}): give calibration, data, or a file that "
            "`gphoton-db mask` wrote"
        ) from None
