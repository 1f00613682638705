"""Which copy of gphoton_db is imported, wherever Python is started (docs/development.md)."""

import json
from pathlib import Path

import pytest

from gphoton_db import _CheckoutFinder
from tests.packaging.builds import Environment, build
from tests.packaging.repository import PACKAGES, ROOT, copy_checkout, source_files

IMPORT_ALL = f"""
import importlib, json, sys
print(json.dumps({{name: importlib.import_module(name).__file__ for name in {PACKAGES}}}))
"""

FINDERS = IMPORT_ALL + "print([getattr(f, '__name__', type(f).__name__) for f in sys.meta_path])"


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("first") / "checkout")


@pytest.fixture(scope="module")
def other_checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_checkout(tmp_path_factory.mktemp("second") / "checkout")


@pytest.fixture(scope="module")
def plain(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("plain") / "venv")
    environment.install(wheel)
    return environment


@pytest.fixture(scope="module")
def editable(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    folder = tmp_path_factory.mktemp("editable")
    environment = Environment(folder / "venv")
    environment.install(build("build_editable", checkout, folder / "dist"))
    return environment


def imported(environment: Environment, folder: Path) -> dict[str, Path]:
    """Return the file that each package comes from when Python is started in `folder`."""
    files = json.loads(environment.run(IMPORT_ALL, folder=folder))
    return {name: Path(file).resolve() for name, file in files.items()}


def files_of_checkout(root: Path) -> dict[str, Path]:
    files = source_files(root)
    return {name: files[f"{name.replace('.', '/')}/__init__.py"].resolve() for name in PACKAGES}


def files_of_install(environment: Environment) -> dict[str, Path]:
    root = environment.site_packages.resolve()
    return {name: root / name.replace(".", "/") / "__init__.py" for name in PACKAGES}


def test_plain_install_in_the_checkout_imports_the_checkout(
    plain: Environment, checkout: Path
) -> None:
    assert imported(plain, checkout) == files_of_checkout(checkout)


def test_plain_install_elsewhere_imports_the_installed_copy(
    plain: Environment, tmp_path: Path
) -> None:
    assert imported(plain, tmp_path) == files_of_install(plain)


def test_plain_install_has_no_finder_of_ours(plain: Environment, tmp_path: Path) -> None:
    assert "_CheckoutFinder" not in plain.run(FINDERS, folder=tmp_path)


def test_checkout_has_one_finder_of_ours(plain: Environment, checkout: Path) -> None:
    assert plain.run(FINDERS, folder=checkout).count("_CheckoutFinder") == 1


def test_editable_install_elsewhere_imports_its_checkout(
    editable: Environment, checkout: Path, tmp_path: Path
) -> None:
    assert imported(editable, tmp_path) == files_of_checkout(checkout)


def test_editable_install_does_not_mix_with_the_checkout_stood_in(
    editable: Environment, other_checkout: Path
) -> None:
    assert imported(editable, other_checkout) == files_of_checkout(other_checkout)


def test_checkout_works_without_any_install(other_checkout: Path, tmp_path: Path) -> None:
    assert imported(Environment(tmp_path / "venv"), other_checkout) == files_of_checkout(
        other_checkout
    )


@pytest.mark.parametrize("name", ["ingest", "gphoton_db", "gphoton_db.tests", "sql.ingest"])
def test_finder_answers_for_nothing_but_the_four_folders(name: str) -> None:
    assert _CheckoutFinder(ROOT).find_spec(name, None) is None


def test_finder_names_the_module_in_full() -> None:
    spec = _CheckoutFinder(ROOT).find_spec("gphoton_db.ingest", None)
    assert spec is not None
    assert spec.name == "gphoton_db.ingest"
    assert spec.origin == str(ROOT / "ingest" / "__init__.py")


def test_finder_is_silent_about_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert _CheckoutFinder(tmp_path).find_spec("gphoton_db.ingest", None) is None
