"""Another process that has a pipeline open, and the app that meets it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from subprocess import Popen

from textual.pilot import Pilot

from orchest_tui.project.settings import load_settings
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.app import OrchestApp
from tests.engine.workshop import Workshop, wait_until
from tests.ui.screens import screen_text, until

WAITING = """
    import orchest, pathlib, time
    print("waiting for the word", flush=True)
    while not pathlib.Path("go").exists():
        orchest.progress(0.4, "two of five")
        time.sleep(0.05)
    orchest.output([1, 2, 3], name="numbers")
    print("went on", flush=True)
"""
"""A step that tells how far it is and ends once there is a file ``go``."""


@contextmanager
def running_elsewhere(workshop: Workshop) -> Iterator[Popen[str]]:
    """Run everything in another process; its first step waits for the file ``go``."""
    workshop.step("waiter", WAITING)
    workshop.step("after", "print('the last words', flush=True)", "waiter")
    with workshop.started("run", "--all") as process:
        wait_until(lambda: bool(workshop.log(1, "waiter")), "the first step")
        yield process


@asynccontextmanager
async def begun_app(
    folder: Path | None, path: Path | None = None, *, where: Path | None = None, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[OrchestApp, Pilot[int]]]:
    """Give the app as ``start`` makes it, at whatever it shows first; a session of it is closed at the end."""
    app = OrchestApp(folder, path, load_settings(folder), Abilities(), where)
    async with app.run_test(size=size, notifications=True) as pilot:
        try:
            yield app, pilot
        finally:
            if app.session is not None:
                await app.session.close(stop=True)


async def see(pilot: Pilot[int], *texts: str) -> str:
    """Wait until all ``texts`` are on the screen at once and return the screen."""
    app = pilot.app
    assert isinstance(app, OrchestApp)
    await until(pilot, lambda: all(text in screen_text(app) for text in texts), f"seeing {texts}")
    return screen_text(app)
