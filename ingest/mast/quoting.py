"""Text from servers, made fit for messages: printable, on one line, and of limited length."""

LONGEST = 300
"""Characters; what is longer is cut off."""


def quoted(said: object) -> str:
    """Return something that a server said as a message, a log and a terminal can take it."""
    begin = str(said)[: 4 * LONGEST]
    text = " ".join("".join(c if c.isprintable() else " " for c in begin).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
