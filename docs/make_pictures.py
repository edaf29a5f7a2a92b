"""Makes the guide's pictures from the running program: ``python docs/make_pictures.py`` (``make pictures``).

Opens the real app on a fresh copy of the demo, presses keys, and writes what the screen shows to ``docs/pictures`` as
SVG; then records the same in a real pseudo-terminal as an asciicast (asciinema's file format, version 2). Steps run in
Docker where an engine answers, otherwise on the local executor. Nothing of the user's own settings is used.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import re
import select
import shutil
import signal
import struct
import sys
import tempfile
import termios
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from orchest_tui.ui.app import OrchestApp

PICTURES = Path(__file__).parent / "pictures"
WIDE, SMALL = (120, 35), (80, 24)
PATIENCE = 240.0
"""Seconds for anything that is waited for; building the environment may take some."""
FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}\s*")
FEATURES = "steps/features.py"


@contextlib.contextmanager
def demo() -> Iterator[Path]:
    """Give a copy of the demo that looks the same everywhere, with settings and data of its own."""
    from orchest_tui.demo import copy_demo

    with tempfile.TemporaryDirectory() as scratch:
        for name in ("CONFIG", "DATA", "STATE"):
            os.environ[f"XDG_{name}_HOME"] = f"{scratch}/{name.lower()}"
        os.environ["COLORTERM"] = "truecolor"
        os.environ["TERM"] = "xterm-256color"
        os.environ.setdefault("LC_ALL", "C.UTF-8")
        yield copy_demo(Path(scratch) / "bikes")


class Camera:
    """The app in a made-up terminal, and a shutter.

    Args:
        app: The app.
        pilot: What presses its keys.
    """

    def __init__(self, app: OrchestApp, pilot: Pilot[int]) -> None:
        self._app = app
        self._pilot = pilot

    @property
    def text(self) -> str:
        """The screen as text."""
        lines = self._app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in line) for line in lines)

    async def see(self, *texts: str, but: str = "") -> None:
        """Wait until the screen shows all ``texts`` and not ``but``.

        Raises:
            TimeoutError: It never does.
        """
        end = time.monotonic() + PATIENCE
        while not all(text in self.text for text in texts) or (but and but in self.text):
            if time.monotonic() > end:
                raise TimeoutError(f"{texts} never seen:\n{self.text}")
            await self._pilot.pause(0.02)

    async def press(self, *keys: str) -> None:
        """Press keys and let the screen settle."""
        await self._pilot.press(*keys)
        await self._pilot.pause(0.3)

    async def shoot(self, name: str) -> None:
        """Write the screen to ``docs/pictures/<name>.svg``, with the reader's own monospaced font."""
        await self._pilot.pause(0.3)
        picture = FONT_FACE.sub("", self._app.export_screenshot(title="orchest-tui"))
        picture = re.sub(r"font-family: (Fira Code|arial)[^;]*;", "font-family: monospace;", picture)
        (PICTURES / f"{name}.svg").write_text(picture)
        sys.stderr.write(f"{name}.svg\n")


@contextlib.asynccontextmanager
async def camera(project: Path, size: tuple[int, int]) -> AsyncIterator[Camera]:
    """Give the app, open on ``project``."""
    from orchest_tui.project.settings import load_settings
    from orchest_tui.ui.abilities import Abilities
    from orchest_tui.ui.app import OrchestApp

    app = OrchestApp(project, project / "main.orchest", load_settings(project), Abilities())
    async with app.run_test(size=size, notifications=False) as pilot:
        shot = Camera(app, pilot)
        await shot.see("Load", "? help")
        try:
            yield shot
        finally:
            if app.session is not None:
                await app.session.close(stop=True)


async def take_pictures(project: Path) -> None:
    """Run the demo, break a step, and take pictures on the way."""
    source = (project / FEATURES).read_text()
    async with camera(project, WIDE) as shot:
        await shot.press("A", "r")
        await shot.see("✔ run 1", "fresh")
        (project / FEATURES).write_text(source + "\n# a comment that changes the file\n")
        await shot.see("stale")
        await shot.press("g", "R")
        await shot.shoot("run-menu")
        await shot.press("escape", "A", "r")
        await shot.see("run 2 step", "✔", "●")
        await shot.shoot("running")
        await shot.see("✔ run 2", but="●")
        await shot.press("g", "m")
        await shot.shoot("map")
        await shot.press("m", "g", "j", "j", "j", "]")
        await shot.see("▀")
        await shot.shoot("data")
        (project / FEATURES).write_text("raise ValueError('no such column: temperature')\n")
        await shot.press("[", "A", "r")
        await shot.see("✘ run 3", "✘ Clean")
    async with camera(project, SMALL) as shot:
        await shot.press("j")
        await shot.see("no such column")
        await shot.shoot("failed")
    (project / FEATURES).write_text(source)


SCENES: tuple[tuple[str, str, float], ...] = (
    ("", "Publish", 1.5),
    ("A", "8 marked", 1.0),
    ("r", "✔ run", 2.5),
    ("j", "", 0.4),
    ("j", "", 0.8),
    ("]", "", 1.5),
    ("]", "", 1.2),
    ("[", "", 0.2),
    ("[", "", 0.5),
    ("m", "Map", 1.5),
    ("j", "", 0.6),
    ("m", "Steps", 0.6),
    ("R", "all steps", 1.5),
    ("\x1b", "", 1.0),
    ("d", "Why", 2.0),
    ("\x1b", "", 1.0),
    ("q", "", 0.0),
)
"""Keys, what is waited for after them, and seconds to let a spectator look."""


def record(project: Path, size: tuple[int, int]) -> None:
    """Write ``docs/pictures/demo.cast``: the program in a pseudo-terminal, with the keys of ``SCENES``."""
    begin = time.monotonic()
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(project)
        os.execv(sys.executable, [sys.executable, "-m", "orchest_tui"])
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
    events: list[tuple[float, str, str]] = []
    written = ""

    def read(seconds: float, done: Callable[[], bool]) -> None:
        nonlocal written
        end = time.monotonic() + seconds
        while time.monotonic() < end and not done():
            if select.select([master], [], [], 0.05)[0]:
                with contextlib.suppress(OSError):
                    data = os.read(master, 1 << 16).decode("utf-8", "replace")
                    events.append((round(time.monotonic() - begin, 3), "o", data))
                    written += data

    try:
        for keys, awaited, seconds in SCENES:
            start = len(written)
            os.write(master, keys.encode())
            if awaited:
                read(PATIENCE, lambda start=start, awaited=awaited: awaited in written[start:])  # type: ignore[misc]
            read(seconds, lambda: False)
        read(10.0, lambda: os.waitpid(pid, os.WNOHANG)[0] == pid)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        os.close(master)
    header = {"version": 2, "width": size[0], "height": size[1], "title": "orchest-tui: the demo"}
    lines = [json.dumps(header), *(json.dumps(event, ensure_ascii=False) for event in events)]
    (PICTURES / "demo.cast").write_text("\n".join(lines) + "\n")
    sys.stderr.write(f"demo.cast, {events[-1][0]:.0f} s\n")


def main() -> None:
    """Make every picture."""
    PICTURES.mkdir(exist_ok=True)
    with demo() as project:
        asyncio.run(take_pictures(project))
        shutil.rmtree(project / ".orchest" / "tui", ignore_errors=True)
        record(project, (100, 28))


if __name__ == "__main__":
    main()
