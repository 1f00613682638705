"""Connections to the server."""

import socket
from http.client import HTTPConnection

from gphoton_db.serve.server import Server
from tests.gphoton_db.serve.conftest import Client


def test_small_answers_do_not_wait_for_more_to_send(server: Server, client: Client) -> None:
    asking = HTTPConnection("127.0.0.1", client.port, timeout=60)
    try:
        asking.request("GET", "/api/notes", headers={"Cookie": client.cookie})
        assert asking.getresponse().read()
        mine = asking.sock.getsockname()
        sockets = {
            each.transport.get_extra_info("peername"): each.transport.get_extra_info("socket")
            for each in server._uvicorn.server_state.connections
        }
        assert sockets[mine].getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    finally:
        asking.close()
