"""How many examples of hypothesis a test tries: few by default, many with ``make test-deep``."""

from hypothesis import settings

FEW, MANY = 40, 1000
"""Of a test that says no number."""


def register_profiles() -> None:
    """Let tests try `FEW` examples, and `MANY` with ``--hypothesis-profile=deep``."""
    settings.register_profile("few", max_examples=FEW)
    settings.register_profile("deep", max_examples=MANY, deadline=None)
    settings.load_profile("few")


def examples(few: int) -> int:
    """Return the number for a test that tries `few` by default, because each takes long."""
    return few * settings().max_examples // FEW


def deep() -> bool:
    """Return whether tests are to try much (``make test-deep``), not what shows the same."""
    return settings().max_examples > FEW
