"""Queries: the protocol, a service in trouble, and answers that are none."""

import time
from dataclasses import replace

import pytest

from gphoton_db.errors import ServiceError
from gphoton_db.ingest.mast.client import Client
from gphoton_db.ingest.mast.service import query_rows
from tests import mastfaults
from tests.ingest.mast.conftest import QUICK, Served, quick_options
from tests.mastserver import Fault, MastServer

SQL = "spGetRawUrls 23500"


@pytest.mark.usefixtures("served")
def test_rows_come_back_as_they_are(client: Client, server: MastServer) -> None:
    ((eclipse, band, url),) = query_rows(client, SQL)
    assert (eclipse, band.strip()) == (23500, "NUV")
    assert band != "NUV"
    assert url.startswith(server.url)
    assert server.requests[SQL] == 1


def test_the_server_is_told_who_asks(client: Client, server: MastServer) -> None:
    query_rows(client, SQL)
    (agent,) = server.user_agents
    assert agent.startswith("gphoton-db/")


def test_an_empty_result_has_no_rows(client: Client) -> None:
    assert query_rows(client, SQL) == []


def recovered(server: MastServer, client: Client, *faults: Fault) -> int:
    """Return how often the server was asked until the answer was right."""
    server.misbehave(SQL, *faults)
    assert len(query_rows(client, SQL)) == 1
    return server.requests[SQL]


@pytest.mark.parametrize("code", [500, 502, 503, 504])
@pytest.mark.usefixtures("served")
def test_errors_of_the_server_pass(code: int, client: Client, server: MastServer) -> None:
    assert recovered(server, client, *[mastfaults.status(code)] * 2) == 3


@pytest.mark.usefixtures("served")
def test_too_many_requests_are_repeated_when_the_server_says(
    client: Client, server: MastServer
) -> None:
    patient = Client(quick_options(server, replace(QUICK, longest_pause=5.0)))
    server.misbehave(SQL, mastfaults.status(429, Retry_After="1"))
    begin = time.monotonic()
    query_rows(patient, SQL)
    assert server.requests[SQL] == 2
    assert time.monotonic() - begin >= 1.0  # a lower bound: it waited as it was told
    # ... but not for as long as any server likes.
    assert recovered(server, client, mastfaults.status(429, Retry_After="86400")) == 4
    absurd = ("tomorrow", "9" * 5000, "Fri, 31 Dec 999999999999 23:59:59 GMT")
    for n, said in enumerate(absurd, start=3):
        assert recovered(server, client, mastfaults.status(429, Retry_After=said)) == 2 * n


@pytest.mark.usefixtures("served")
def test_while_it_is_executing_the_service_is_asked_again(
    client: Client, server: MastServer
) -> None:
    assert recovered(server, client, *[mastfaults.executing()] * 2) == 3


@pytest.mark.parametrize(
    "fault", [mastfaults.reset(30), mastfaults.closed(30), mastfaults.stalled(30)]
)
@pytest.mark.usefixtures("served")
def test_answers_that_break_off_are_asked_for_again(
    fault: Fault, client: Client, server: MastServer
) -> None:
    assert recovered(server, client, fault) == 2


@pytest.mark.parametrize(
    ("faults", "complaint", "requests"),
    [
        ([mastfaults.error("Eclipse is\n not known.")], "reports: Eclipse is not known.", 1),
        ([mastfaults.error("")], "the service reports an error, not which", 1),
        ([mastfaults.executing()] * 4, "still executing after 4 enquiries", 4),
        ([mastfaults.content(b"<html>Down</html>")], "text/html that is not .*<html>Down", 1),
        ([mastfaults.content(b"[1]", "application/json")], "is not the service's JSON", 1),
        ([mastfaults.content(b'{"status": "ODD"}')], "unknown status 'ODD'", 1),
        ([mastfaults.content(b'{"status": "COMPLETE"}')], "holds no table of rows", 1),
        ([mastfaults.content(b'{"status":"COMPLETE","data":{"Tables":[{"Rows":[1]}]}}')],
         "holds no table of rows", 1),
        ([mastfaults.status(404)], "the server answered 404", 1),
        ([mastfaults.status(503)] * 4, "the server answered 503 .*; try again later", 4),
        ([mastfaults.closed(30)] * 4, "the answer broke off 4 times", 4),
        ([mastfaults.stalled(0)] * 4, "the answer broke off 4 times", 4),
        ([mastfaults.dripping()] * 4, r"the answer broke off 4 times \(\d+ bytes came", 4),
        ([mastfaults.content(b"[" * 1_000_000)], "is not the service's JSON", 1),
        ([mastfaults.redirected("http://[x")], r"redirects to 'http://\[x', which is no", 1),
        ([mastfaults.redirected("http://a..stsci.edu/x")], r"a..stsci.edu/x: no answer", 1),
        ([mastfaults.redirected("http://a.stsci.edu:99999/x")], "is not an http", 1),
        ([mastfaults.redirected("http://127.0.0.2:1/x")], "not taken from 127.0.0.2:1", 1),
        ([mastfaults.redirected("file:/" + "//etc/passwd")], "is not an http", 1),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("served")
def test_what_cannot_be_answered_is_said(
    faults: list[Fault], complaint: str, requests: int, client: Client, server: MastServer
) -> None:
    server.misbehave(SQL, *faults)
    with pytest.raises(ServiceError, match=complaint) as error:
        query_rows(client, SQL)
    assert server.requests[SQL] == requests
    assert str(error.value).count("\n") == 0


def test_what_the_service_says_is_quoted_in_plain_and_not_at_length(
    client: Client, server: MastServer
) -> None:
    server.misbehave(SQL, mastfaults.error("\x1b]0;title\x07 gone" + 100_000 * "!"))
    with pytest.raises(ServiceError, match=r"reports: \]0;title gone!+\.\.\. ") as error:
        query_rows(client, SQL)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 500


def test_the_body_of_a_redirection_is_not_read(
    client: Client, server: MastServer, served: Served
) -> None:
    here = f"{server.mast_url}?query={SQL.replace(' ', '+')}&format=extjs"
    assert recovered(server, client, mastfaults.endless_redirection(here)) == 2


def test_redirections_to_allowed_hosts_are_followed_but_not_for_ever(
    client: Client, server: MastServer, served: Served
) -> None:
    here = f"{server.mast_url}?query={SQL.replace(' ', '+')}&format=extjs"
    assert recovered(server, client, mastfaults.redirected(here)) == 2
    server.misbehave(SQL, *[mastfaults.redirected(here)] * 6)
    with pytest.raises(ServiceError, match="more than 5 redirections"):
        query_rows(client, SQL)


def test_nobody_answers(server: MastServer, caplog: pytest.LogCaptureFixture) -> None:
    options = replace(quick_options(server), mast_url="http://127.0.0.1:9/query")
    with pytest.raises(ServiceError, match=r"127.0.0.1:9/query: no answer \(.*refused"):
        query_rows(Client(options), SQL)
    (said,) = [record for record in caplog.records if record.name.startswith("gphoton_db")]
    assert said.getMessage().startswith("127.0.0.1/query: ")
    assert said.getMessage().endswith("Connection refused; trying again")
