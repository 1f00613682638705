"""What servers say, as messages may quote it: printable, on one line, and not endless."""

LONGEST = 300
"""Characters; what is longer is cut off."""


def quoted(said: object) -> str:
    """Return something that a server said as a message, a log and a terminal can take it."""
    begin = str(said)[: 4 * LONGEST]
    text = " ".join("".join(c if c.isprintable() else " " for c in begin).split())
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
