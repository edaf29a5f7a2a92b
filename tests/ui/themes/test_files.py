"""Theme files: read with every fault named, complete in what they show."""

from __future__ import annotations

import os

import pytest
from textual.color import Color
from textual.css.stylesheet import Stylesheet

from orchest_tui.ui.themes.files import ThemeWatch, load_themes, notice, packaged_folder
from orchest_tui.ui.themes.keys import OWN_VARIABLES, known_keys
from tests.ui.themes.contrast import contrast

PACKAGED = packaged_folder()


@pytest.fixture
def own(tmp_path):
    folder = tmp_path / "themes"
    folder.mkdir()
    return folder


def load(own, name, text):
    (own / f"{name}.yaml").write_text(text)
    return load_themes(PACKAGED, own)


def test_the_packaged_themes_are_without_fault():
    loaded = load_themes(PACKAGED, PACKAGED / "none")
    assert loaded.problems == ()
    assert {"orchest-dark", "terminal-16", "high-contrast"} <= set(loaded.themes)
    kinds = [(theme.theme.dark, theme.theme.ansi) for theme in loaded.themes.values()]
    assert kinds.count((True, False)) >= 3
    assert kinds.count((False, False)) >= 2
    assert kinds.count((True, True)) == 1


def told_apart(one: str, other: str) -> float:
    return contrast(Color.parse(one), Color.parse(other))


@pytest.mark.parametrize("name", sorted(path.stem for path in PACKAGED.glob("*.yaml") if path.stem != "terminal-16"))
def test_text_of_the_packaged_themes_can_be_read(name):
    theme = load_themes(PACKAGED, PACKAGED / "none").themes[name].theme
    needed = 7.0 if name == "high-contrast" else 4.5
    for ground in (theme.background, theme.surface):
        for variable in OWN_VARIABLES:
            least = 3.0 if variable == "map-line" and needed < 7 else needed
            assert told_apart(theme.variables[variable], ground) >= least, f"{variable} on {ground}"
        assert told_apart(theme.foreground, ground) >= 7.0
    cursor = theme.variables["block-cursor-foreground"], theme.variables["block-cursor-background"]
    assert told_apart(*cursor) >= needed


def test_the_terminals_theme_names_nothing_but_the_terminals_colours():
    theme = load_themes(PACKAGED, PACKAGED / "none").themes["terminal-16"].theme
    variables = theme.to_color_system().generate() | theme.variables
    for name, value in variables.items():
        if not name.endswith(("style", "link-style-hover")):
            assert value.split()[0].startswith("ansi_") or value == "transparent", f"{name}: {value}"


def test_every_fault_is_told_with_file_line_key_and_mend(own):
    loaded = load(
        own,
        "mine",
        "extends: orchest-dark\n"
        "primry: '#ffffff'\n"
        "accent: #e8b45a\n"
        "success: grean\n"
        "dark: perhaps\n"
        "block-cursor-text-style: loud\n"
        "syntax: nothing\n"
        "border: '#123456 400%'\n",
    )
    told = notice(loaded.problems)
    path = str(own / "mine.yaml")
    lines = told.splitlines()
    assert lines[0] == "Theme files have 7 problems:"
    assert all(line.startswith(f"• {path}: line ") for line in lines[1:])
    assert [line.removeprefix(f"• {path}: ").split(":")[0] for line in lines[1:]] == [
        "line 2, primry",
        "line 3, accent",
        "line 4, success",
        "line 5, dark",
        "line 6, block-cursor-text-style",
        "line 7, syntax",
        "line 8, border",
    ]
    assert "Write primary" in lines[1]
    assert "quoted" in lines[2]
    # What is right still counts: the theme is there, with the base's values in place of the wrong ones.
    assert loaded.themes["mine"].theme.success == loaded.themes["orchest-dark"].theme.success


@pytest.mark.parametrize(
    ("line", "right"),
    [
        ("primary: '#fff 40%'", False),
        ("primary: auto", False),
        ("primary: 7", False),
        ("background: ansi_default", True),
        ("border: '#fff 40%'", True),
        ("border: auto 87%", True),
        ("border: '#fff 40'", False),
        ("border: red nan%", False),
        ("border: ' red'", False),
        ("link-style: not underline", True),
    ],
)
def test_what_is_let_through_can_be_worn(own, line, right):
    loaded = load(own, "mine", f"extends: orchest-dark\n{line}\n")
    assert (loaded.problems == ()) is right
    stylesheet = Stylesheet(variables=(theme := loaded.themes["mine"].theme).to_color_system().generate())
    rules = (
        f"A{number} {{ {'text-style' if name.endswith('style') or 'style-' in name else 'color'}: {value}; }}"
        for number, (name, value) in enumerate(theme.variables.items())
    )
    stylesheet.add_source("\n".join(rules))
    stylesheet.parse()


def test_a_theme_that_extends_another_changes_what_it_says(own):
    loaded = load(own, "mine", "extends: orchest-light\nprimary: '#550055'\nstatus-stale: '#aa0000'\n")
    assert loaded.problems == ()
    mine, base = loaded.themes["mine"], loaded.themes["orchest-light"]
    assert (mine.title, mine.theme.primary, mine.theme.dark) == ("mine", "#550055", False)
    assert mine.theme.variables["status-stale"] == "#aa0000"
    assert mine.theme.background == base.theme.background


def test_own_variables_are_filled_from_the_base_colours(own):
    text = "".join(
        f"{key}: '#{number}{number}{number}'\n"
        for number, key in enumerate(("primary", "foreground", "background", "success", "warning", "error"))
    )
    theme = load(own, "small", text).themes["small"].theme
    assert set(OWN_VARIABLES) <= set(theme.variables)
    assert theme.variables["status-failure"] == theme.error


def test_a_users_theme_takes_the_place_of_a_packaged_one(own):
    loaded = load(own, "orchest-dark", "extends: orchest-dark\ntitle: Mine\n")
    assert loaded.themes["orchest-dark"].title == "Mine"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("short", "primary: red\n", "lacks foreground, background, success, warning, error"),
        ("Bad Name", "extends: orchest-dark\n", "Rename the file"),
        ("other", "extends: nowhere\n", "names no theme of the program: nowhere"),
        ("broken", "primary: [\n", "is not YAML"),
        ("list", "- primary\n", "is not a YAML mapping"),
        ("empty", "", "lacks primary"),
    ],
)
def test_a_file_that_makes_no_theme_is_told_once(own, name, text, words):
    loaded = load(own, name, text)
    assert name not in loaded.themes
    [problem] = loaded.problems
    assert words in str(problem)
    assert notice(loaded.problems).startswith("A theme file has a problem:\n• ")


def test_the_watch_sees_new_changed_and_removed_files(own):
    watch = ThemeWatch((own, own / "not-there"))
    assert not watch.changed()
    path = own / "a.yaml"
    path.write_text("title: a\n")
    assert watch.changed()
    assert not watch.changed()
    os.utime(path, ns=(1, 1))
    assert watch.changed()
    path.unlink()
    assert watch.changed()
    (own / "notes.txt").write_text("no theme")
    assert not watch.changed()


def test_keys_know_textuals_variables_and_ours():
    assert {"footer-key-foreground", "status-stale", "primary", "title"} <= set(known_keys())
