"""An app with nothing but a log view, and what its screen shows."""

from __future__ import annotations

from pathlib import Path

from textual.app import App, ComposeResult
from textual.pilot import Pilot

from orchest_tui.ui.log import LogView, ViewedLog
from orchest_tui.ui.log.model import LogModel

from .waiting import DEADLINE

SIZES = [(80, 24), (120, 35)]


class Viewer(App[None]):
    """Shows logs and keeps what the view tells."""

    def __init__(self, *paths: Path, title: str = "fit") -> None:
        super().__init__()
        self.paths = paths
        self.log_title = title
        self.told: list[str] = []
        self.escaped = False

    BINDINGS = [("escape", "note_escape")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        logs = [ViewedLog(path, path.stem) for path in self.paths]
        yield LogView(logs, title=self.log_title, clip_file=self.paths[0].parent / "clip.txt")

    def on_mount(self) -> None:
        self.query_one(LogView).focus()

    def action_note_escape(self) -> None:
        self.escaped = True

    def on_log_view_copied(self, event: LogView.Copied) -> None:
        self.told.append(event.outcome)

    def on_log_view_followed(self, event: LogView.Followed) -> None:
        self.told.append("follow" if event.following else "pause")

    def on_log_view_merge_requested(self) -> None:
        self.told.append("merge")

    @property
    def model(self) -> LogModel:
        model = self.query_one(LogView).model
        assert model is not None
        return model


def rows(app: App[None]) -> list[str]:
    """Return the text of each row of the screen, without the spaces at its end."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def until(pilot: Pilot[None], text: str) -> list[str]:
    """Return the screen's rows when ``text`` stands in one of them."""
    app = pilot.app
    for _ in range(int(DEADLINE / 0.02)):
        await pilot.pause()
        if any(text in row for row in rows(app)):
            return rows(app)
        await pilot.pause(0.02)
    raise AssertionError(f"{text!r} is not on the screen:\n" + "\n".join(rows(app)))
