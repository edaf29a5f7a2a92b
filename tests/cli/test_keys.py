"""The command ``keys``."""

from __future__ import annotations

from orchest_tui.project.layout import user_settings_file
from tests.cli.conftest import Command


def write_keymap(text: str) -> None:
    file = user_settings_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"keymap:\n{text}")


def test_keys_lists_the_keymap_in_force(command: Command) -> None:
    write_keymap("  run.selected: z\n")
    keys = {each["id"]: each["keys"] for each in command("keys", "--json").json}
    assert keys["run.selected"] == ["z"]
    assert keys["run.menu"] == ["R"]


def test_a_wrong_keymap_is_told_and_fails(command: Command) -> None:
    write_keymap("  run.selektd: x\n  step.why: r\n")
    done = command("keys", "--check")
    assert done.code == 1
    assert "run.selected" in done.err
    assert "r is the key of run.selected" in done.err
    assert "settings.yaml" in done.err


def test_a_good_keymap_is_fine(command: Command) -> None:
    assert command("keys", "--check").out == "The keymap is fine.\n"
