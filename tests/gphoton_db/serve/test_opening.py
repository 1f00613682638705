"""What waits for a page that opens."""

from concurrent.futures import ThreadPoolExecutor

from gphoton_db.serve.opening import Opening
from gphoton_db.serve.server import Server
from tests.gphoton_db.serve.conftest import Client


def test_a_page_that_opens_comes_first() -> None:
    opening = Opening(longest_s=60.0)
    assert not opening.wait(soon_s=0.001)  # nobody opens it
    opening.give_way()
    opening.begins()
    with ThreadPoolExecutor(2) as executor:
        waits, gives_way = executor.submit(opening.wait), executor.submit(opening.give_way)
        assert not waits.done()
        assert not gives_way.done()
        opening.is_drawn()
        assert waits.result()
        gives_way.result()


def test_a_page_that_does_not_get_on_is_not_waited_for() -> None:
    opening = Opening(longest_s=0.001)
    opening.begins()
    assert not opening.wait()
    opening.give_way()


def test_the_page_opens_with_its_first_tile(server: Server, client: Client) -> None:
    opening = server.served.opening
    assert client.get("/").status == 200
    assert client.get("/api/tile", band="NUV", order=3, npix=0).status == 204
    assert opening.wait(soon_s=0.0)
