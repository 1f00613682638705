"""Names and values, which may be anybody's, are shown by a terminal and not obeyed."""

import os
import sys
from pathlib import Path

import pytest

from gphoton_db.cli.console import standard_output
from tests.gphoton_db.conftest import Cli


def test_no_control_characters_reach_the_terminal(
    cli: Cli, fuv_root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    escape, other = "\x1b[2J", "\x9b31m"
    statement = (
        f"SELECT chr(27) || '[2J' AS \"name{escape}\", '{other}\u202e' AS b FROM legs LIMIT 1"
    )
    done = cli("--archive", str(fuv_root), "sql", statement)
    wrong = cli("--archive", str(fuv_root), "sql", f"SELECT '{escape}' AS a FROM nothing_{other}")
    missing = cli("--archive", str(fuv_root / escape), "sql", "SELECT 1")
    for text in (done.out, done.err, wrong.err, missing.err):
        assert not set(text) & {"\x1b", "\x9b", "\u202e"}
    assert "\\x1b[2J" in done.out
    assert "\\x9b31m\\u202e" in done.out
    assert wrong.code == missing.code == 1


def test_csv_is_whole_in_a_pipe_and_visible_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    main, end = os.openpty()
    with os.fdopen(end, "w") as terminal:
        monkeypatch.setattr(sys, "stdout", terminal)
        written = standard_output().write("ü\x1b]0;x\n".encode())
        standard_output().flush()
    assert written == 8
    assert os.read(main, 100).decode() == "ü\\x1b]0;x\r\n"
    os.close(main)
