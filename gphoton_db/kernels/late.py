"""Kernels that are compiled, and for which numba is imported, when there is enough for them to do.

Importing numba and loading a kernel from its cache takes as long as counting tens of thousands
of photons one by one in Python: a process that measures one position does that.  The code is the
same, and so are the numbers: numba works with the same doubles, in the same order, and calls the
same C library.
"""

from collections.abc import Callable
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

_OF_NUMBA = (
    *("_cache", "_numba_type_", "compile", "signatures", "stats"),
    *("targetctx", "targetoptions"),
)
"""What numba asks a kernel that another one calls, and what compiling ahead asks."""


class LateKernel(Generic[Arguments, Result]):
    """A kernel; calling it compiles it.  Other kernels call it as they call any of numba's.

    Parameters
    ----------
    function : callable
        What is compiled.
    options : dict
        For ``numba.njit``.
    """

    longest_us: ClassVar[float] = 300_000.0
    """How long a process works in Python, all in all, before it compiles kernels."""

    _spent_us: ClassVar[float] = 0.0

    def __init__(self, function: Callable[Arguments, Result], options: dict[str, Any]) -> None:
        self.py_func: Any = function
        self.__name__ = function.__name__
        self.__qualname__ = function.__qualname__
        self.__module__ = function.__module__
        self.__doc__ = function.__doc__
        self._options = options
        self._compiled: Any = None

    def __call__(self, *arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        """Run it compiled."""
        result: Result = self.compiled(*arguments, **named)
        return result

    def __getattr__(self, name: str) -> Any:
        # Whoever looks for anything else does not want it compiled.
        if name not in _OF_NUMBA:
            raise AttributeError(name)
        return getattr(self.compiled, name)

    @property
    def compiled(self) -> Any:
        """What numba makes of it."""
        if self._compiled is None:
            from numba import njit

            # Several threads may come here at once: all of them take the first one's.
            made = njit(**self._options)(self.py_func)
            self._compiled = self.__dict__.setdefault("_first", made)
        return self._compiled

    @property
    def plain(self) -> Callable[Arguments, Result]:
        """The function that Python runs, and all that it calls as well."""
        function = self.py_func
        known = dict(function.__globals__)
        for name in function.__code__.co_names:
            if isinstance(known.get(name), LateKernel):
                known[name] = known[name].plain
        result: Callable[Arguments, Result] = type(function)(function.__code__, known)
        return result

    def for_work(self, us: float) -> Callable[Arguments, Result]:
        """Return what is to be called for so much work: plain Python, as long as that is quick.

        Parameters
        ----------
        us : float
            Microseconds that it takes in Python, roughly.
        """
        if self._compiled is None and LateKernel._spent_us + us <= LateKernel.longest_us:
            LateKernel._spent_us += us
            return self.plain
        return self


def late(
    **options: Any,
) -> Callable[[Callable[Arguments, Result]], LateKernel[Arguments, Result]]:
    """Return a decorator as ``numba.njit``, with its options."""

    def decorated(function: Callable[Arguments, Result]) -> LateKernel[Arguments, Result]:
        return LateKernel(function, options)

    return decorated
