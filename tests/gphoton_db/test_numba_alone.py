"""numba without what compiles and without scipy, for processes of the program alone."""

import subprocess
import sys

from tests.gphoton_db.archives import ROOT

PROGRAM = """
import sys

from gphoton_db.progress import no_progress
from gphoton_db.system.compiling import calls_of, compile_missing
from gphoton_db.system.numba_alone import load_numba_alone

GROUP = "gphoton_db.ingest.kernels.examples:telemetry"
NOT_NEEDED = {"numba.np.linalg", "scipy", "cffi", "coverage", "yaml"}

load_numba_alone()
compile_missing([GROUP], no_progress, processes=1)  # in a process of its own
for kernel, arguments in calls_of(GROUP):
    kernel(*arguments)
assert not NOT_NEEDED & set(sys.modules)

from numba import njit

assert njit(lambda a: a + 1)(1) == 2  # loads what compiles
assert "numba.np.linalg" in sys.modules

import scipy.linalg

assert scipy.linalg.det([[2.0]]) == 2.0
load_numba_alone()
assert "scipy.linalg" in sys.modules
"""


def test_kernels_from_the_cache_need_little_and_others_may_use_all() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
