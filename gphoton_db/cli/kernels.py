"""Kernels that a command is about to use, compiled ahead; a terminal is told."""

from contextlib import ExitStack

from gphoton_db.cli.console import notes
from gphoton_db.progress import Progress, no_progress

_INGEST = "gphoton_db.ingest.kernels.examples"
_PRODUCTS = "gphoton_db.products.kernels.examples"
_SIMULATE = "gphoton_db.simulate.kernels.examples"

_EXPOSURE = "gphoton_db.kernels.examples:exposure"
_LIGHT_CURVES = "gphoton_db.products.kernels.light_curve_examples:light_curves"
_PIXELS = (f"{_PRODUCTS}:placing", f"{_PRODUCTS}:frames")
_IMAGES = (*_PIXELS, f"{_PRODUCTS}:files", _EXPOSURE)
_SIMULATION = (f"{_SIMULATE}:detector", f"{_SIMULATE}:sky")
_REDUCTION = tuple(f"{_INGEST}:{each}" for each in ("reduction", "columns", "telemetry", "order"))

KERNELS = {
    "lightcurve": (_LIGHT_CURVES, _EXPOSURE),
    "lightcurve --method image": (
        *_PIXELS,
        _LIGHT_CURVES,
        f"{_PRODUCTS}:photometry",
        _EXPOSURE,
    ),
    "map": (f"{_PRODUCTS}:maps", f"{_PRODUCTS}:files"),
    "hips": (f"{_PRODUCTS}:hips", _EXPOSURE),
    "serve": (
        f"{_PRODUCTS}:hips",
        f"{_PRODUCTS}:maps",
        f"{_PRODUCTS}:files",
        _LIGHT_CURVES,
        _EXPOSURE,
    ),
    "moc": (f"{_PRODUCTS}:tiles",),
    "image": _IMAGES,
    "image --extended": (*_IMAGES, f"{_PRODUCTS}:extended"),
    "movie": _IMAGES,
    "simulate": _SIMULATION,
    "demo": (_REDUCTION[0], *_SIMULATION, *_REDUCTION[1:], *_IMAGES, _LIGHT_CURVES),
}
"""Names of the groups of kernels that a command uses, those that take longest first.

They are only names, so that nothing is imported but the groups of the command.  ``ingest`` and
``run`` are not among them: those compile ahead wherever they are called from.
"""


def compile_kernels(command: str) -> None:
    """Compile what a command needs and numba has not in its cache; a terminal is told meanwhile.

    Parameters
    ----------
    command : str
        One of `KERNELS`.
    """
    from gphoton_db.system.compiling import compile_ahead
    from gphoton_db.system.numba_alone import load_numba_alone

    load_numba_alone()
    with ExitStack() as stack:
        tell = _Shown(command, stack) if notes.is_terminal else no_progress
        compile_ahead(KERNELS[command], tell)


class _Shown:
    """A bar that appears when there is something to be told."""

    def __init__(self, command: str, stack: ExitStack) -> None:
        self._command = command
        self._stack = stack
        self._bar: Progress | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self._bar is None:
            from gphoton_db.cli.progress import WorkProgress

            self._bar = self._stack.enter_context(WorkProgress(self._command))
        self._bar(stage, done, total)
