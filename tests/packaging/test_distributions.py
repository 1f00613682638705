"""What an installation gets is what the folders hold."""

import itertools
import re
import tarfile
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.builds import build
from tests.packaging.repository import (
    FOLDERS,
    PACKAGES,
    PYPROJECT,
    ROOT,
    copy_checkout,
    source_files,
)


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sdist")
    return build("build_sdist", copy_checkout(folder / "checkout"), folder / "dist")


def files_in_wheel(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def test_wheel_holds_every_file_of_the_package_folders_and_nothing_else(wheel: Path) -> None:
    missing = set(source_files()) - files_in_wheel(wheel)
    assert not missing, "list their package, or their kind of file, in pyproject.toml"
    assert files_in_wheel(wheel) == set(source_files())


def test_wheel_installs_no_top_level_name_but_gphoton_db(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = {name.partition("/")[0] for name in archive.namelist()}
    assert len(names) == 2
    assert names - {f"gphoton_db-{wheel.name.split('-')[1]}.dist-info"} == {"gphoton_db"}


def test_wheel_made_from_the_sdist_is_the_same(sdist: Path, wheel: Path, tmp_path: Path) -> None:
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path, filter="data")
    source = tmp_path / sdist.name.removesuffix(".tar.gz")
    second = build("build_wheel", source, tmp_path / "dist")
    assert files_in_wheel(second) == files_in_wheel(wheel)


def test_every_listed_package_exists_and_every_folder_with_code_is_listed() -> None:
    found = {
        name.rpartition("/")[0].replace("/", ".") for name in source_files() if name.endswith(".py")
    }
    assert sorted(found) == sorted(PACKAGES)


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_an_init_file(package: str) -> None:
    # Without it the editable install and the checkout's finder disagree about the package.
    assert f"{package.replace('.', '/')}/__init__.py" in source_files()


def test_no_folder_is_mapped_twice() -> None:
    assert len(set(FOLDERS.values())) == len(FOLDERS)


def constraints() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line.split("==") for line in lines if not line.startswith("#")]
    return {canonicalize_name(name): version for name, version in pins}


def test_constraints_are_plain_versions() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    plain = re.compile(r"#.*|[A-Za-z0-9._-]+==[A-Za-z0-9.!]+")
    assert [line for line in lines if not plain.fullmatch(line)] == []


def test_constraints_fit_every_requirement_of_the_project() -> None:
    project = PYPROJECT["project"]
    extras = itertools.chain.from_iterable(project["optional-dependencies"].values())
    requirements = [Requirement(text) for text in (*project["dependencies"], *extras)]
    assert [r.name for r in requirements if canonicalize_name(r.name) not in constraints()] == []
    pinned = [(r, constraints()[canonicalize_name(r.name)]) for r in requirements]
    assert [f"{r}: {v}" for r, v in pinned if not r.specifier.contains(v)] == []
