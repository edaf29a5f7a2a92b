"""The declarations: whole, without clashes, and as the guide says."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest

from orchest_tui.commands import ALL, BY_ID
from orchest_tui.commands.command import OUTER, Command, Situation
from orchest_tui.commands.keymap import check_keymap, effective_keys, usable_keymap
from orchest_tui.commands.reference import keys_page

PAGE = Path(__file__).parent.parent.parent / "docs" / "keys.md"


def test_ids_are_unique_and_grouped() -> None:
    assert len(BY_ID) == len(ALL)
    assert all(command.id.count(".") == 1 for command in ALL)


@pytest.mark.parametrize("command", ALL, ids=lambda command: command.id)
def test_every_command_has_title_tooltip_and_sane_default_keys(command: type[Command]) -> None:
    assert command.title
    assert command.tooltip().endswith(".")
    assert check_keymap({command.id: ",".join(command.keys)}) == []


def test_keys_that_multiplexers_and_terminals_eat_are_free() -> None:
    taken = {"ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q", "ctrl+z"}
    assert {command.id for command in ALL if {*command.keys} & taken} == {"app.suspend"}
    assert "bad-key" in {problem.code for problem in check_keymap({"step.why": "ctrl+z"})}


def test_an_unknown_id_is_told_with_the_nearest() -> None:
    [problem] = check_keymap({"run.selectedd": "r"}, "settings.yaml")
    assert problem.file == "settings.yaml"
    assert "run.selected" in problem.mend


def test_a_clash_names_the_other_command() -> None:
    [problem] = check_keymap({"step.why": "r"})
    assert "run.selected" in problem.what
    assert usable_keymap({"step.why": "r", "run.live": "K"}) == {"run.live": "K"}


def test_two_commands_may_swap_their_keys() -> None:
    assert check_keymap({"step.why": "r", "run.selected": "d"}) == []


def test_the_same_key_in_panes_beside_each_other_is_no_clash() -> None:
    assert check_keymap({"tree.mark": "o"}) == []


@pytest.mark.parametrize("key", ["pgup", "ctrl+", "rr", "ctrl+s"])
def test_what_is_no_usable_key_is_told(key: str) -> None:
    [problem] = check_keymap({"step.why": key})
    assert problem.code == "bad-key"


def test_the_keymap_wins_over_the_default() -> None:
    keys = effective_keys({"run.selected": "f5, x"})
    assert keys["run.selected"] == ("f5", "x")
    assert keys["run.menu"] == ("R",)


def test_nothing_can_be_started_while_a_run_goes_on() -> None:
    situation = Situation(step=True, steps=3, running=True, ran=True, stale=1)
    offered = {command.id for command in ALL if command.available(situation)}
    assert "run.stop" in offered
    assert not offered & {"run.selected", "run.menu", "run.all", "run.stale", "run.again", "run.from_here"}


def test_what_changes_something_is_refused_while_one_only_looks_on() -> None:
    situation = Situation(step=True, steps=3, running=True, ran=True, stale=1, failed=1, read_only=True)
    refused = {command.id for command in ALL if command.refusal(situation) == "open elsewhere: read-only"}
    assert {command.id for command in ALL if command.id.startswith("run.")} | {"step.clear_outputs"} == refused
    assert not BY_ID["app.open_here"].refusal(situation)
    assert BY_ID["app.open_here"].refusal(Situation()) == "not possible now"


def test_without_a_pipeline_only_the_apps_own_commands_are_offered() -> None:
    offered = {command.id for command in ALL if not command.refusal(Situation(step=True, steps=3, open=False))}
    assert "app.quit" in offered
    assert all(each.startswith("app.") for each in offered)


def test_the_guide_has_the_keys() -> None:
    assert PAGE.read_text() == keys_page(), "make it again: python -m orchest_tui.commands > docs/keys.md"


def scopes_meet(first: type[Command], second: type[Command]) -> bool:
    """Return whether the keys of two commands count at the same time somewhere."""
    return any(
        one is other or one in OUTER[other] or other in OUTER[one] for one in first.scopes for other in second.scopes
    )


def test_no_two_commands_share_a_default_key_where_both_count() -> None:
    shared = {
        (frozenset((one.id, other.id)), key)
        for one, other in combinations(ALL, 2)
        for key in {*one.keys} & {*other.keys}
        if scopes_meet(one, other)
    }
    passed_on = {(frozenset(("view.back", pane)), "escape") for pane in ("log.cancel", "text.cancel")}
    assert shared == passed_on


AGREED = {
    "j": "move.down log.down map.down", "k": "move.up log.up map.up", "down": "move.down log.down map.down",
    "up": "move.up log.up map.up", "g": "move.top log.start map.top", "G": "move.bottom log.end map.bottom",
    "ctrl+d": "move.half_down log.half-page-down", "ctrl+u": "move.half_up log.half-page-up",
    "pagedown": "move.half_down log.page-down", "pageup": "move.half_up log.page-up",
    "h": "tree.fold log.left text.left", "l": "tree.unfold log.right text.right",
    "left": "tree.fold log.left text.left", "right": "tree.unfold log.right text.right",
    "/": "tree.filter log.search text.search", "n": "tree.next_match log.next-hit text.next_hit",
    "N": "tree.previous_match log.previous-hit text.previous_hit", "&": "log.filter", "enter": "step.open map.open",
    "escape": "view.back log.cancel text.cancel", "tab": "app.next_pane", "shift+tab": "app.previous_pane",
    "[": "view.previous_tab", "]": "view.next_tab", "1": "view.pin_1", "2": "view.pin_2", "3": "view.pin_3",
    "space": "tree.mark", "v": "tree.range log.select text.select", "A": "tree.mark_all", "r": "run.selected",
    "R": "run.menu", "s": "run.stop", "L": "run.live", "d": "step.why",
    "e": "step.edit log.next-error notebook.next_error", "E": "log.previous-error notebook.previous_error",
    "f": "view.full", "F": "log.follow", "w": "log.wrap", "t": "log.times", "p": "log.earlier", "a": "log.merge",
    "y": "log.copy text.copy", "Y": "log.copy-all text.copy_all", "x": "step.menu", "m": "view.map",
    ":": "app.palette", "ctrl+p": "app.palette", "?": "app.help", "ctrl+l": "app.redraw", "q": "app.quit",
    "ctrl+c": "app.quit",
}  # fmt: skip
"""The keys that were agreed on for what vim, less and the tools beside us share; more may do the same."""

FREE = {"u", "ctrl+r", "!", "J", "ctrl+a", "ctrl+b", "ctrl+s", "ctrl+q"}
"""Kept for undo and redo, the shell, JupyterLab; and for multiplexers and terminals."""


@pytest.mark.parametrize("key", AGREED)
def test_the_agreed_keys_do_what_was_agreed(key: str) -> None:
    assert {command_id for command_id in AGREED[key].split() if key not in BY_ID[command_id].keys} == set()


def test_keys_that_are_kept_for_later_are_free() -> None:
    assert not {key for command in ALL for key in command.keys} & FREE
