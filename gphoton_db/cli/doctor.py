"""``gphoton-db doctor``: what works here, and what to do where something does not."""

from dataclasses import asdict

import typer

from gphoton_db.cli.console import print_json, results
from gphoton_db.cli.products import JsonOption
from gphoton_db.settings import Settings

STYLES = {"ok": "green", "note": "cyan", "warning": "yellow", "error": "red"}


def doctor(context: typer.Context, as_json: JsonOption = False) -> None:
    """Examine the installation, the machine and the archive, and say what to do.

    Nothing is fetched. Send the output along with a question or a report of a fault. The exit code
    is 1 if something does not work.
    """
    from gphoton_db.doctor import examine
    from gphoton_db.system.examination import Verdict

    settings: Settings = context.obj
    findings = []
    for finding in examine(settings):
        findings.append(finding)
        if not as_json:
            _print(str(finding.verdict), finding.what, finding.found, finding.remedy)
    if as_json:
        print_json([asdict(finding) for finding in findings])
    if any(finding.verdict is Verdict.ERROR for finding in findings):
        raise typer.Exit(1)


def _print(verdict: str, what: str, found: str, remedy: str) -> None:
    results.print(f"{verdict:8}", style=STYLES[verdict], end="")
    results.print(f"{what}: {found}", markup=False)
    if remedy:
        results.print(f"{'':8}{remedy}", style="dim", markup=False)
