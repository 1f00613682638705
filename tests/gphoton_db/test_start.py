"""What a command does not need is not imported, and ``--help`` imports no command at all."""

from gphoton_db.cli.commands import COMMANDS, load_command


def test_summaries_are_the_first_lines_of_the_commands_own_help() -> None:
    for name, place in COMMANDS.items():
        first = (load_command(name).help or "").partition("\n\n")[0]
        assert place.summary == " ".join(first.split()), name
