"""Which addresses are asked, and which never."""

import pytest

from gphoton_db.errors import OfflineError, ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.hosts import HostRule, check_address, host_rules
from gphoton_db.service import ServiceOptions

OPTIONS = ServiceOptions(
    mast_url="http://127.0.0.1:8000/query",
    calibration_url="https://mirror.example.org/cal/",
    allowed_hosts=("files.example.net:8443", "*.example.com"),
)


@pytest.mark.parametrize(
    "url",
    [
        "https://mast.stsci.edu/x",
        "http://galex.stsci.edu/data/x.fits.gz",
        "HTTPS://MAST.STSCI.EDU:443/x",
        "http://127.0.0.1:8000/data/x",
        "https://mirror.example.org/x",
        "https://files.example.net:8443/x",
        "http://a.b.example.com/x",
    ],
)
def test_hosts_of_the_mission_and_of_the_settings_are_asked(url: str) -> None:
    check_address(url, host_rules(OPTIONS))


@pytest.mark.parametrize(
    "url",
    [
        "https://stsci.edu.example.net/x",
        "https://notstsci.edu/x",
        "https://stsci.edu/x",
        "https://mast.stsci.edu:8080/x",
        "http://127.0.0.1:22/x",
        "http://127.0.0.1/x",
        "http://localhost:8000/x",
        "https://files.example.net/x",
        "https://example.com/x",
        "http://169.254.169.254/latest",
    ],
)
def test_other_hosts_and_ports_are_refused_with_the_setting_that_would_allow_them(url: str) -> None:
    with pytest.raises(ServiceError, match="GPHOTON_DB_ALLOWED_HOSTS"):
        check_address(url, host_rules(OPTIONS))


@pytest.mark.parametrize(
    "url",
    [
        "file:/" + "//etc/passwd",
        "/etc/passwd",
        "../../x",
        "ftp://mast.stsci.edu/x",
        "https:///x",
        "https://me:secret@mast.stsci.edu/x",
        "https://mast.stsci.edu\\@example.net/x",
        "https://mast.stsci.edu/a b",
        "https://mast.stsci.edu/\r\nHost: example.net",
        "https://mast.stsci.edu:port/x",
        "https://[mast/x",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    with pytest.raises(ServiceError, match="is not an http:// or https:// address"):
        check_address(url, host_rules(OPTIONS))


@pytest.mark.parametrize("text", ["", "*", "*.", "a/b", "me@host", "host:port", "a b", "http://h"])
def test_hosts_in_the_settings_must_be_hosts(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        HostRule.parse(text)
    with pytest.raises(ServiceError, match="allowed hosts"):
        Client(ServiceOptions(allowed_hosts=(text,)))


def test_offline_nothing_is_asked() -> None:
    client = Client(ServiceOptions(offline=True))
    with pytest.raises(OfflineError), client.get("https://mast.stsci.edu/x"):
        pass
