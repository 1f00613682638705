"""What waits for a page that opens."""

from concurrent.futures import ThreadPoolExecutor

from gphoton_db.serve.opening import Opening
from gphoton_db.serve.server import Server
from tests.gphoton_db.serve.conftest import Client


def test_a_page_that_opens_comes_first() -> None:
    opening = Opening()
    assert not opening.wait(soon_s=0.001)  # nobody opens it
    opening.begins()
    assert not opening.wait(longest_s=0.001)  # it does not get on
    with ThreadPoolExecutor(1) as executor:
        waits = executor.submit(opening.wait, longest_s=60.0)
        opening.is_drawn()
        assert waits.result()


def test_the_page_opens_with_its_first_tile(server: Server, client: Client) -> None:
    opening = server.served.opening
    assert client.get("/").status == 200
    assert client.get("/api/tile", band="NUV", order=3, npix=0).status == 204
    assert opening.wait(soon_s=0.0, longest_s=0.0)
