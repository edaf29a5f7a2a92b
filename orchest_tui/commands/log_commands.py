"""The log view's keys. It is a widget that other programs can use, so it has its own actions; these only name them."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Scope, declare

_KEYS = (
    ("down", "Down", "Go one line down.", ("j", "down")),
    ("up", "Up", "Go one line up.", ("k", "up")),
    ("half-page-down", "Half a page down", "Go half a page down.", ("ctrl+d",)),
    ("half-page-up", "Half a page up", "Go half a page up.", ("ctrl+u",)),
    ("page-down", "Page down", "Go one page down.", ("pagedown", "space")),
    ("page-up", "Page up", "Go one page up.", ("pageup",)),
    ("start", "First line", "Go to the first line.", ("g", "home")),
    ("end", "Last line, follow", "Go to the last line and follow the log.", ("G", "end")),
    ("follow", "Follow or pause", "Follow the end of the log, or stay here.", ("F",)),
    ("left", "Left", "Pan to the left.", ("h", "left")),
    ("right", "Right", "Pan to the right.", ("l", "right")),
    ("wrap", "Wrap", "Wrap long lines, or cut them at the edge.", ("w",)),
    ("times", "Times", "Show when lines were written.", ("t",)),
    ("search", "Search", "Search for a text or a regular expression.", ("/",)),
    ("next-hit", "Next hit", "Go to the next line that the search finds.", ("n",)),
    ("previous-hit", "Previous hit", "Go to the previous line that the search finds.", ("N",)),
    ("filter", "Only matching lines", "Show only the lines that match.", ("&",)),
    ("next-error", "Next error", "Go to the next error.", ("e",)),
    ("previous-error", "Previous error", "Go to the previous error.", ("E",)),
    ("select", "Select lines", "Begin to select lines, or stop it.", ("v",)),
    ("copy", "Copy", "Copy the selected lines, or the current one.", ("y",)),
    ("copy-all", "Copy all", "Copy the whole log.", ("Y",)),
    ("merge", "Merge", "Show the logs of the marked steps as one, or those of the run's steps; again for one.", ("a",)),
    ("earlier", "Earlier run", "Show the log of the step's run before this one; after the oldest the newest.", ("p",)),
    ("open-place", "Open at the error", "Open the file and line that the error names in the editor.", ("o",)),
    ("cancel", "Back", "Leave the selection, the search, the filter.", ("escape",)),
)
_FOOTER = {"search": 20, "next-error": 30, "filter": 40, "copy": 50, "wrap": 60}

COMMANDS: tuple[type[Command], ...] = tuple(
    declare(
        f"log.{name}",
        (title, tooltip),
        keys,
        Scope.LOG,
        (title.lower() if name in _FOOTER else "", _FOOTER.get(name, 50)),
    )
    for name, title, tooltip, keys in _KEYS
)
