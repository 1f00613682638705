"""Settings: environment over settings file over defaults."""

from pathlib import Path

import pytest

from gphoton_db.errors import SettingsError
from gphoton_db.service import ServiceOptions
from gphoton_db.settings import Settings, load_settings, settings_file


@pytest.fixture
def file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The settings file, which is not there yet."""
    path = tmp_path / "settings.toml"
    monkeypatch.setenv("GPHOTON_DB_CONFIG", str(path))
    monkeypatch.delenv("GPHOTON_DB_OFFLINE")
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


def test_where_to_fetch_from_is_a_setting(file: Path) -> None:
    file.write_text(
        'mast_url = "http://mirror.example:8000/query"\n'
        'calibration_url = "https://mirror.example/cal"\n'
        'allowed_hosts = ["files.example", "*.example.org"]\n'
        "max_file_gb = 1.5\n"
        "offline = true\n"
    )
    service = load_settings().service()
    assert service == ServiceOptions(
        mast_url="http://mirror.example:8000/query",
        calibration_url="https://mirror.example/cal",
        allowed_hosts=("files.example", "*.example.org"),
        max_file_bytes=1_500_000_000,
        offline=True,
    )


def test_by_default_the_mission_archive_is_asked(file: Path) -> None:
    assert load_settings().service() == ServiceOptions()
    assert load_settings().service(offline=True) == ServiceOptions(offline=True)


@pytest.mark.usefixtures("file")
def test_the_environment_says_where_to_fetch_from(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MAST_URL": "http://127.0.0.1:1/query",
        "CALIBRATION_URL": "http://127.0.0.1:1/cal",
        "ALLOWED_HOSTS": "a.example, *.b.example:8080",
        "MAX_FILE_GB": "0.25",
        "OFFLINE": "Yes",
    }.items():
        monkeypatch.setenv(f"GPHOTON_DB_{name}", value)
    service = load_settings().service()
    assert service.allowed_hosts == ("a.example", "*.b.example:8080")
    assert (service.max_file_bytes, service.offline) == (250_000_000, True)
    assert service.mast_url == "http://127.0.0.1:1/query"
    monkeypatch.setenv("GPHOTON_DB_OFFLINE", "0")
    assert not load_settings().offline


@pytest.mark.parametrize(
    ("name", "value", "complaint"),
    [
        ("MAST_URL", "mast.stsci.edu", "an http:// or https:// address in quotes, not 'mast.st"),
        ("CALIBRATION_URL", "file:/" + "//etc", "an http:// or https:// address"),
        ("ALLOWED_HOSTS", "a.example,,", "hosts: name, name:port or *.domain"),
        ("ALLOWED_HOSTS", "*", "hosts: name"),
        ("MAX_FILE_GB", "much", "a number of gigabytes, more than 0 and up to 1e9, not 'much'"),
        ("MAX_FILE_GB", "0", "a number of gigabytes"),
        ("MAX_FILE_GB", "inf", "a number of gigabytes"),
        ("OFFLINE", "maybe", "true or false, not 'maybe'"),
    ],
)
@pytest.mark.usefixtures("file")
def test_a_value_of_the_environment_that_cannot_be_used_is_named(
    name: str, value: str, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"GPHOTON_DB_{name}", value)
    with pytest.raises(SettingsError) as error:
        load_settings()
    assert str(error.value).startswith(f"GPHOTON_DB_{name} must be {complaint}")


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"mast_url = 3", "mast_url must be an http:// or https:// address in quotes, not 3"),
        (b"allowed_hosts = [3]", "allowed_hosts must be hosts"),
        (b"max_file_gb = true", "max_file_gb must be a number of gigabytes"),
        (b"max_file_gb = -1", "max_file_gb must be a number of gigabytes"),
        (b'offline = "maybe"', "offline must be true or false"),
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
