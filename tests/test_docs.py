"""The user guide names everything that is there: commands, options, settings; and links only to what exists."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from orchest_tui.cli.main import COMMANDS, cli
from orchest_tui.project.settings import KEYS

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def all_commands() -> list[tuple[str, click.Command]]:
    """Return each command with its full name, subcommands included."""
    context = click.Context(cli)
    found: list[tuple[str, click.Command]] = []
    for name in COMMANDS:
        command = cli.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {sub}", each) for sub, each in command.commands.items()]
    return found


def section(name: str) -> str:
    """Return a command's section in the reference."""
    text = (ROOT / "docs" / "commands.md").read_text()
    [found] = [part for part in re.split(r"^## ", text, flags=re.MULTILINE) if re.match(rf"{name}\b", part)]
    return found


@pytest.mark.parametrize(("name", "command"), all_commands())
def test_every_command_and_option_is_in_the_reference(name: str, command: click.Command) -> None:
    head, _, sub = name.partition(" ")
    text = section(head)
    assert sub in text
    for parameter in command.params:
        for option in parameter.opts if isinstance(parameter, click.Option) else []:
            if option not in {"--project", "--pipeline"}:
                assert option in text, option


def test_every_setting_is_in_the_guide() -> None:
    named = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "settings.md").read_text(), flags=re.MULTILINE))
    assert set(KEYS) <= named
    assert named - set(KEYS) == {"retries", "timeout", "memory", "cpus"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_readme_names_every_command() -> None:
    text = (ROOT / "README.md").read_text()
    assert all(f"`{name}`" in text for name in COMMANDS)
