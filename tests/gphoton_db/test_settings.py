"""Settings: environment over settings file over defaults."""

from pathlib import Path

import pytest

from gphoton_db.errors import SettingsError
from gphoton_db.settings import Settings, load_settings, settings_file


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings file, which is not there yet."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(path))
    return path


@pytest.mark.usefixtures("file")
def test_without_a_file_there_are_defaults() -> None:
    assert load_settings() == Settings(Path("gphoton-archive"), None, None)


def test_the_file_is_where_the_platform_has_such_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GPHOTON_DB_CONFIG")
    assert settings_file().parts[-2:] == ("gphoton-db", "config.toml")


def test_the_file_is_read(file: Path) -> None:
    file.write_text('archive = "/photons"\ncalibration = "cal"\npointing = "~/pointing"\n')
    assert load_settings() == Settings(
        Path("/photons"), Path("cal"), Path("~/pointing").expanduser()
    )


def test_the_environment_comes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('archive = "/from-file"\ncalibration = "/cal"\n')
    monkeypatch.setenv("GPHOTON_DB_ARCHIVE", "~/from-environment")
    monkeypatch.setenv("GPHOTON_DB_CALIBRATION", "")  # as good as not set
    assert load_settings() == Settings(Path("~/from-environment").expanduser(), Path("/cal"), None)


def test_queries_of_ones_own_are_a_setting(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text('queries = "~/queries"\n')
    assert load_settings().queries == Path("~/queries").expanduser()
    monkeypatch.setenv("GPHOTON_DB_QUERIES", "/other")
    assert load_settings().queries == Path("/other")


def test_another_archive_keeps_the_rest() -> None:
    settings = Settings(Path("a"), Path("cal"), Path("pointing"))
    assert settings.with_archive(Path("b")) == Settings(Path("b"), Path("cal"), Path("pointing"))


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"archive = ", "cannot be read as TOML"),
        (b"\xff\xfe", "cannot be read as TOML"),
        (b'archives = "x"', "unknown setting 'archives'"),
        (b"archive = 3", "archive must be a path in quotes, not 3"),
        (b'archive = ""', "archive must be a path in quotes"),
        (b'[archive]\npath = "x"', "archive must be a path in quotes"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(content: bytes, complaint: str, file: Path) -> None:
    file.write_bytes(content)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert complaint in str(error.value)
    assert str(file) in str(error.value)


def test_a_folder_in_its_place_is_an_error(file: Path) -> None:
    file.mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()
