"""``doctor``: what this machine has, and what to do about what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from textwrap import wrap

import click

from orchest_tui.cli import machine
from orchest_tui.cli.context import current_folder, json_option, project_option
from orchest_tui.cli.display import print_json, screen
from orchest_tui.cli.machine import Finding
from orchest_tui.terminal_text import plain

EXIT_MISSING = 1
_LOOKS = {"ok": ("✓", "green"), "note": ("○", "yellow"), "missing": ("✗", "red")}


@click.command()
@project_option
@json_option
def doctor(project_dir: Path | None, as_json: bool) -> int:
    """Tell what this machine has for running pipelines, and what to do about what is missing.

    Works outside of a project and without a container engine. Exits 1 when something is missing without which steps
    can't run.
    """
    found = list(findings(project_dir))
    if as_json:
        print_json([asdict(finding) for finding in found])
    else:
        _print(found)
    return EXIT_MISSING if any(finding.state == "missing" for finding in found) else 0


def findings(project_dir: Path | None) -> Iterator[Finding]:
    """Look at the machine; one finding for each thing, in the order in which they are told."""
    from orchest_tui.project.discovery import find_project
    from orchest_tui.project.layout import cache_dir, data_dir
    from orchest_tui.project.settings import load_settings

    project = find_project((project_dir or current_folder()).resolve())
    loaded = load_settings(project, {})
    settings = loaded.settings
    for problem in loaded.problems:
        yield Finding("settings", "note", f"{problem.file}: {problem.place}: {problem.what}", f"{problem.mend}.")
    yield from machine.engine_findings(settings)
    yield machine.cgroup_finding()
    yield from machine.python_findings()
    yield machine.bubblewrap_finding()
    yield machine.user_namespace_finding()
    yield machine.memory_finding(settings.memory_dir)
    folders = {"environments and caches": cache_dir(), "/data": data_dir(settings)}
    yield from machine.disk_findings(folders if project is None else {"the project": project, **folders})
    yield from machine.network_findings()
    yield machine.ca_bundle_finding(settings)
    yield from machine.terminal_findings()


def _print(found: list[Finding]) -> None:
    """Print the findings for people: a glyph, the topic, what there is, and the advice below it."""
    out = screen()
    topics = max(len(finding.topic) for finding in found)
    indent = topics + 4
    room = max(20, out.width - indent) if out.width else 10_000
    for finding in found:
        glyph, colour = _LOOKS[finding.state]
        head, *more = wrap(plain(finding.what), room) or [""]
        if finding.advice:
            more += wrap(out.glyphs("→ ") + plain(finding.advice), room)
        click.echo(f"{out.styled(out.glyphs(glyph), colour)} {finding.topic:<{topics}}  {head}", color=out.colours)
        for line in more:
            click.echo(" " * indent + line)
