"""Distributions built, and environments made, as pip does it, but without a network."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path


def build(hook: str, source: Path, target: Path) -> Path:
    """Call a hook of the build back end, as pip does, and return the file that it made."""
    target.mkdir(parents=True, exist_ok=True)
    call = f"from setuptools import build_meta; print(build_meta.{hook}({str(target)!r}))"
    # -P: the back end must not see the current directory's folders as modules.
    done = subprocess.run(
        [sys.executable, "-P", "-c", call], cwd=source, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


class Environment:
    """A virtual environment: the dependencies of the tests, and at most one gphoton-db."""

    def __init__(self, folder: Path) -> None:
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        self.site_packages = folder / "lib" / version / "site-packages"
        for name in ("purelib", "platlib"):
            self._link_dependencies(Path(sysconfig.get_path(name)))

    def _link_dependencies(self, site_packages: Path) -> None:
        # A .pth file could bring in the tested environment's own gphoton-db.
        for path in site_packages.iterdir():
            link = self.site_packages / path.name
            if "gphoton" not in path.name and path.suffix != ".pth" and not link.exists():
                link.symlink_to(path)

    def install(self, wheel: Path) -> None:
        """Install a wheel of pure Python, or an editable one: unpacking it is all it takes."""
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(self.site_packages)

    def run(self, code: str, *, folder: Path) -> str:
        """Run Python code in a folder and return what it printed."""
        variables = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "COV"))}
        done = subprocess.run(
            [self.python, "-W", "error", "-c", code],
            cwd=folder,
            env=variables | {"PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout
