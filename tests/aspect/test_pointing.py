import numpy as np
import pytest

from gphoton_db.aspect.pointing import Aspect
from gphoton_db.errors import PointingError


def _aspect(
    time_ms: list[int], ra: list[float] | None = None, dec: list[float] | None = None
) -> Aspect:
    n = len(time_ms)
    return Aspect(
        np.array(time_ms, dtype=np.int64),
        np.zeros(n) if ra is None else np.array(ra),
        np.zeros(n) if dec is None else np.array(dec),
        np.zeros(n),
        np.zeros(n, dtype=np.int64),
    )


def test_between_takes_the_start_and_leaves_the_stop() -> None:
    part = _aspect([1000, 2000, 3000, 4000], ra=[1.0, 2.0, 3.0, 4.0]).between(2000, 4000)
    assert part.time_ms.tolist() == [2000, 3000]
    assert part.ra.tolist() == [2.0, 3.0]


def test_times_must_increase() -> None:
    with pytest.raises(PointingError, match=r"row 2 \(t = 2\.000\)"):
        _aspect([1000, 2000, 2000])


def test_values_must_be_possible() -> None:
    with pytest.raises(PointingError, match="ra is not finite at row 1"):
        _aspect([1000, 2000], ra=[0.0, np.nan])
    with pytest.raises(PointingError, match="dec lies outside"):
        _aspect([1000, 2000], dec=[0.0, 90.1])
    with pytest.raises(PointingError, match="differ in length"):
        _aspect([1000, 2000], ra=[0.0])
