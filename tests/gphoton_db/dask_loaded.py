"""Loads what workers of a Dask cluster need, when it is imported: they are forked from there."""

import importlib

from tests.gphoton_db.loaded_program import load_everything

_ALSO = (
    "distributed",
    "distributed.nanny",
    "gphoton_db.intake.many.cluster.task",
)

for _module in _ALSO:
    importlib.import_module(_module)
load_everything()
