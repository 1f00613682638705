"""Which tests one process runs: those of a file, or of a folder that shares what it makes."""

from xdist.scheduler import LoadFileScheduling

TOGETHER = (
    "tests/gphoton_db/serve/page/",  # a browser, a server and its tiles
    "tests/ingest/test_",  # reductions, each with that of the oracle
    "tests/interoperability/",  # a file of each kind and format
    "tests/products/qa/",  # a sheet
)
"""How the names of tests begin that one process runs, because of what it makes for them."""


class FoldersTogether(LoadFileScheduling):  # type: ignore[misc]  # xdist has no types
    """Like ``--dist loadfile``, but for the folders of `TOGETHER`."""

    def _split_scope(self, nodeid: str) -> str:
        folders = (start for start in TOGETHER if nodeid.startswith(start))
        return next(folders, super()._split_scope(nodeid))
