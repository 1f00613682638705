"""Targets with notes: they last, and nobody's are lost."""

from pathlib import Path
from typing import Any

import pytest

from gphoton_db.serve.notes import Notes
from gphoton_db.serve.refusals import RequestError
from tests.gphoton_db.serve.conftest import Client

NOTE = {"ra": 323.5, "dec": -2.0, "label": "Flare star", "note": "two peaks", "verdict": "real"}


def put(client: Client, name: str, **values: Any) -> Any:
    return client.ask("PUT", f"/api/notes/{name}", body=NOTE | values)


def notes_of(client: Client) -> Any:
    return client.get("/api/notes").json()["notes"]


def test_notes_are_kept_in_order_and_resolved_by_their_label(client: Client) -> None:
    assert put(client, "b", position_in_list=2).json()["version"] == 1
    assert put(client, "a", position_in_list=1, label="First").status == 200
    listed = notes_of(client)
    assert [note["id"] for note in listed] == ["a", "b"]
    assert listed[1] == {"id": "b", **NOTE, "position_in_list": 2, "version": 1}
    found = client.get("/api/name", q="flare STAR").json()
    assert found == {"ra": 323.5, "dec": -2.0, "label": "Flare star"}
    for name in ("a", "b"):
        assert client.ask("DELETE", f"/api/notes/{name}").status == 204
    assert notes_of(client) == []


def test_of_two_tabs_the_later_is_told(client: Client) -> None:
    put(client, "x")
    assert put(client, "x", version=1, note="first tab").json()["version"] == 2
    late = put(client, "x", version=1, note="second tab")
    assert (late.status, "changed elsewhere" in late.error) == (409, True)
    assert notes_of(client)[0]["note"] == "first tab"
    assert client.ask("DELETE", "/api/notes/x?version=1").status == 409
    assert late.json()["note"]["note"] == "first tab"
    assert put(client, "x", note="as if new").status == 409
    assert put(client, "x", note="last", version=2).json()["version"] == 3
    assert client.ask("DELETE", "/api/notes/x?version=3").status == 204


@pytest.mark.parametrize(
    "values",
    [
        {"ra": float("nan")},
        {"ra": 1000},
        {"dec": "x"},
        {"dec": None},
        {"ra": True},
        {"label": "x" * 201},
        {"note": "x" * 10_001},
        {"note": 5},
        {"label": "\ud800"},
        {"path": "/etc/passwd"},
        {"position_in_list": float("inf")},
    ],
)
def test_what_is_no_note_is_refused(client: Client, values: dict[str, Any]) -> None:
    assert put(client, "y", **values).status == 400
    assert notes_of(client) == []


@pytest.mark.parametrize("name", ["..%2fx", "a.b", "x" * 65, "%00"])
def test_names_of_notes_are_no_paths(client: Client, name: str) -> None:
    assert put(client, name).status in (400, 404, 405)


def test_notes_are_in_the_user_s_folder(client: Client, serve_home: Path) -> None:
    put(client, "z")
    (file,) = (serve_home / "data" / "gphoton-db" / "notes").glob("*.json")
    assert "Flare star" in file.read_text()
    assert client.ask("DELETE", "/api/notes/z").status == 204


def test_a_damaged_file_is_named_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "notes.json"
    file.write_text("{")
    with pytest.raises(RequestError, match=r"notes\.json: cannot be read"):
        Notes(file, "archive").put("x", NOTE)
    assert file.read_text() == "{"
