"""numba without scipy, for processes of the program alone."""

import subprocess
import sys

from tests.gphoton_db.archives import ROOT

PROGRAM = """
import sys

from gphoton_db.system.numba_alone import load_numba_alone

load_numba_alone()
assert "numba.np.arraymath" in sys.modules
assert not {"scipy.linalg", "cffi"} & set(sys.modules)

from gphoton_db.system.compiling import calls_of

for kernel, arguments in calls_of("gphoton_db.ingest.kernels.examples:telemetry"):
    kernel(*arguments)
assert "scipy.linalg" not in sys.modules

import scipy.linalg

assert scipy.linalg.det([[2.0]]) == 2.0
load_numba_alone()
assert "scipy.linalg" in sys.modules
"""


def test_kernels_need_no_scipy_and_others_may_use_it() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
