"""What can go wrong between a server and us: each is a fault for `MastServer.misbehave`."""

import itertools
import random
import socket
import struct
from collections.abc import Sequence
from dataclasses import replace

from tests.mastserver import Fault, Handler, Reply, Row


def status(code: int, **headers: str) -> Fault:
    """Answer with another status, and a page for people."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler, reply: Reply(b"<html>sorry</html>", code, named)


def redirected(url: str) -> Fault:
    return status(302, Location=url)


def reset(at: int) -> Fault:
    """Reset the connection after so many bytes of the body."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply)
        handler.wfile.write(reply.content[:at])
        handler.wfile.flush()
        option = struct.pack("ii", 1, 0)
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, option)
        handler.close_connection = True
        handler.connection.close()

    return fault


def closed(at: int) -> Fault:
    """Close the connection after so many bytes of the body."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply)
        handler.wfile.write(reply.content[:at])
        handler.close_connection = True

    return fault


def stalled(at: int) -> Fault:
    """Send so many bytes of the body, and then nothing."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply)
        handler.wfile.write(reply.content[:at])
        handler.wfile.flush()
        handler.server.mast.stop.wait(30)
        handler.close_connection = True

    return fault


def slow(pieces: int, pause: float) -> Fault:
    """Send the body in so many pieces, with a pause (s) before each."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply)
        step = -(-len(reply.content) // pieces)
        for at in range(0, len(reply.content), step):
            handler.server.mast.stop.wait(pause)
            handler.wfile.write(reply.content[at : at + step])
            handler.wfile.flush()

    return fault


def dripping() -> Fault:
    """Send a byte now and then, often enough that nothing times out."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply)
        for at in range(len(reply.content)):
            handler.wfile.write(reply.content[at : at + 1])
            handler.wfile.flush()
            if handler.server.mast.stop.wait(0.05):
                break
        handler.close_connection = True

    return fault


def never_the_same(length: int) -> Fault:
    """Break off half-way; and do not go on there, for it is another version every time."""
    versions = itertools.count()

    def fault(handler: Handler, reply: Reply) -> Reply | None:
        if handler.headers.get("Range"):
            return Reply(b"", 416)
        handler.send_head(reply, **{"Content-Length": str(length), "ETag": f'"{next(versions)}"'})
        handler.wfile.write(bytes(length // 2))
        handler.close_connection = True
        return None

    return fault


def endless_redirection(url: str) -> Fault:
    """Redirect, with a body that does not end."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(Reply(b"", 302, {"Location": url, "Content-Length": ""}))
        while not handler.server.mast.stop.is_set():
            handler.wfile.write(bytes(1 << 16))

    return fault


def declared(length: int) -> Fault:
    """Say that the body has another length than it has."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply, **{"Content-Length": str(length)})
        handler.wfile.write(reply.content[:length])
        handler.close_connection = True

    return fault


def without_length(times: int = 1) -> Fault:
    """Send the body, `times` over, without saying how long it is."""

    def fault(handler: Handler, reply: Reply) -> None:
        handler.send_head(reply, **{"Content-Length": "", "Connection": "close"})
        for _ in range(times):
            handler.wfile.write(reply.content)
        handler.close_connection = True

    return fault


def cut(at: int) -> Fault:
    """Send the beginning of the body as if it were all."""
    return lambda handler, reply: replace(reply, content=reply.content[:at])


def content(text: bytes, kind: str = "text/html") -> Fault:
    """Send something else, with status 200."""
    return lambda handler, reply: Reply(text, 200, {"Content-Type": kind})


def flipped(at: int) -> Fault:
    """Send the body with one wrong byte."""

    def fault(handler: Handler, reply: Reply) -> Reply:
        body = bytearray(reply.content)
        body[at] ^= 0xFF
        return replace(reply, content=bytes(body))

    return fault


def executing() -> Fault:
    return lambda handler, reply: Reply.of_json({"status": "EXECUTING", "msg": ""})


def error(message: str) -> Fault:
    return lambda handler, reply: Reply.of_json({"status": "ERROR", "msg": message})


def rows(answer: Sequence[Row]) -> Fault:
    """Answer a query with these rows."""
    return lambda handler, reply: Reply.of_rows(answer)


def shuffled(aspect: Sequence[Row]) -> list[Row]:
    """Return rows in another order, some of them twice."""
    mixed = [*aspect, *aspect[::3]]
    random.Random(1).shuffle(mixed)
    return mixed
