"""Arrays come back from a scratch file."""

from pathlib import Path

import numpy as np
import pytest

from gphoton_db.ingest.scratch import Scratch

ARRAYS = [np.arange(n, dtype=np.int32) * n for n in (5, 7, 1, 4, 9)]


def test_arrays_are_read_back(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        extents = [scratch.append(array) for array in ARRAYS]
        scratch.overwrite(extents[1], ARRAYS[1] + 1)
        wanted = [ARRAYS[0], ARRAYS[1] + 1, *ARRAYS[2:]]
        for extent, array in zip(extents, wanted, strict=True):
            found = scratch.read(extent)
            assert found.tolist() == array.tolist()
            assert not found.flags.writeable
        places = [extent.bytes_of(0, extent.length) for extent in reversed(extents)]
        joined = scratch.read_places(places).view(np.int32)
        assert joined.tolist() == np.concatenate(wanted[::-1]).tolist()


def test_what_was_read_outlives_a_closed_scratch_file(tmp_path: Path) -> None:
    with Scratch(tmp_path) as scratch:
        extent = scratch.append(ARRAYS[1])
        found = scratch.read(extent)
        scratch.close()
        assert found.tolist() == ARRAYS[1].tolist()
        with pytest.raises(ValueError, match="closed file"):
            scratch.read(extent)
    assert not list(tmp_path.iterdir())
