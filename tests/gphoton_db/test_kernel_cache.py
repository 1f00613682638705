"""Kernels where neither the installation nor a home can be written to."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gphoton_db.system import kernel_cache
from gphoton_db.system.compiling import compile_group

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("gphoton_db", "ingest", "products", "aspect", "sql")
GROUP = "gphoton_db.kernels.examples:exposure"
KERNELS = Path("gphoton_db", "kernels", "__pycache__")

USE_A_KERNEL = f"""
import json, os
from gphoton_db.system.compiling import compile_group, missing_groups
missing = missing_groups([{GROUP!r}])
compile_group({GROUP!r})
print(json.dumps([missing, missing_groups([{GROUP!r}]), os.environ.get("NUMBA_CACHE_DIR")]))
"""
"""Says what was not compiled before, and after, and where compiled kernels are."""

WITHOUT_PRIVILEGES = (
    () if os.getuid() else ("setpriv", "--bounding-set", "-all", "--inh-caps", "-all")
)
"""Before a command: root can write to everything otherwise."""

pytestmark = pytest.mark.skipif(
    bool(WITHOUT_PRIVILEGES) and not shutil.which("setpriv"), reason="root, and no setpriv"
)


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Path]:
    """Give a copy of the package, with its compiled kernels, that cannot be written to."""
    compile_group(GROUP)
    folder = tmp_path / "installed"
    # What it does not use is left out, which is most.
    others = shutil.ignore_patterns("*.nb?", "tests")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=others)
    for kernel in (ROOT / KERNELS).glob("*.nb?"):
        shutil.copy2(kernel, folder / KERNELS)
    inside = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in inside:
        path.chmod(0o555)
    yield folder
    for path in inside:
        path.chmod(0o755)


def use_a_kernel(installed: Path, temporary: Path) -> tuple[list[str], list[str], str]:
    """Use a kernel of an installation, without a home."""
    home = installed / "no-home"
    done = subprocess.run(
        [*WITHOUT_PRIVILEGES, sys.executable, "-c", USE_A_KERNEL],
        cwd=installed,
        env={
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "PATH": os.environ["PATH"],
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    before, after, folder = json.loads(done.stdout)
    return before, after, folder


def test_kernels_are_kept_in_a_folder_of_the_user(installed: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    for file in installed.rglob("*.nb[ic]"):
        file.parent.chmod(0o755)
        file.unlink()
        file.parent.chmod(0o555)
    before, after, folder = use_a_kernel(installed, temporary)
    assert (before, after) == ([GROUP], [])
    assert Path(folder).parent == temporary
    assert Path(folder).stat().st_mode & 0o777 == 0o700
    assert use_a_kernel(installed, temporary) == ([], [], folder)


def test_kernels_of_an_administrator_are_used_and_a_folder_that_others_can_write_to_is_not(
    installed: Path, tmp_path: Path
) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    foreign = temporary / f"gphoton-db-kernels-{os.getuid()}"
    foreign.mkdir()
    foreign.chmod(0o777)
    missing, _, folder = use_a_kernel(installed, temporary)
    assert missing == []
    assert Path(folder) != foreign
    assert not list(foreign.iterdir())


def test_a_folder_that_the_user_names_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kernel_cache.VARIABLE, "somewhere")
    kernel_cache.choose_cache(Path("/nonexistent/package"))
    assert os.environ[kernel_cache.VARIABLE] == "somewhere"


def test_where_the_package_can_be_written_to_nothing_is_chosen(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv(kernel_cache.VARIABLE, raising=False)
    kernel_cache.choose_cache(tmp_path)
    assert kernel_cache.VARIABLE not in os.environ
