"""The page in a cell of a notebook."""

import atexit
from html import escape

from gphoton_db.catalogue.catalogue import Catalogue
from gphoton_db.serve.options import ServeOptions
from gphoton_db.serve.server import Server


class View:
    """A server that lives as long as its cell: shown, it is the page.

    Parameters
    ----------
    server : Server
        Started.
    height : int
        Of the frame, pixels.
    """

    def __init__(self, server: Server, height: int) -> None:
        self._server, self._height = server, height
        atexit.register(self.close)

    @property
    def address(self) -> str:
        """The page's address, to be opened in the browser itself."""
        # Notebooks are at localhost: to a browser 127.0.0.1 is another site, without our cookie.
        return self._server.address.replace(self._server.host, "localhost", 1)

    def close(self) -> None:
        """End the server."""
        atexit.unregister(self.close)
        self._server.stop()

    def __repr__(self) -> str:
        return f"<View {self.address}>"

    def _repr_html_(self) -> str:
        address = escape(self.address)
        return (
            f'<iframe src="{address}" title="gphoton-db: the sky of the archive" '
            f'style="width:100%;height:{self._height}px;border:0"></iframe>'
            f'<p><a href="{address}" target="_blank" rel="noopener">open it in a window</a></p>'
        )


def view(catalogue: Catalogue, height: int) -> View:
    """Return the page on an archive for a cell; see `Archive.view`."""
    server = Server(catalogue, ServeOptions(port=0, browser=False, framed=True))
    server.start()
    return View(server, height)
