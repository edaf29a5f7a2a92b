"""Following 20,000 lines a second: the log view alone and in the whole app, beside what one would use otherwise."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from benchmarks.figures import Baseline, Figure
from benchmarks.screens import rich_log, stream
from benchmarks.screens.opening import PROGRAM
from benchmarks.screens.pseudo_terminal import SIZE, PseudoTerminal
from benchmarks.screens.replay import Frame, Newest, ages, most, newest_in, newest_on
from benchmarks.timing import run
from benchmarks.workbench import StepFile, Workbench, finish
from orchest_tui.project.settings import load_settings

LARGE = (200, 60)
SLOW = 30_000.0
"""Bytes a second of a slow link."""

WARM_UP, KEYS, BETWEEN_KEYS = 1.0, 10, 0.37
PATIENCE = 20.0
"""Seconds after which a key, or the last line, counts as not answered; the figure is this then."""


@dataclass
class Followed:
    """What following a stream cost and gave, a sample for each round.

    Attributes:
        cores: Cores that the program kept busy.
        written: Bytes a second to the terminal.
        age: Seconds that 95 % of the time the newest line on the screen was not older than.
        keys: Seconds from a key to its answer.
        lost: Lines that are not in the log, or not shown at the end.
    """

    cores: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    age: list[float] = field(default_factory=list)
    keys: list[float] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)


class Toggle:
    """A key that is answered by another look of the screen, and one that takes it back.

    Args:
        keys: The two keys.
        on: Whether the first one was answered, by the screen's rows.
        off: Whether the second one was.
    """

    def __init__(
        self, keys: tuple[str, str], on: Callable[[Sequence[str]], bool], off: Callable[[Sequence[str]], bool]
    ) -> None:
        self._turns = ((keys[0], on), (keys[1], off))

    def seconds(self, terminal: PseudoTerminal, turn: int) -> float:
        """Press the key whose turn it is and return how long its answer took."""
        key, shows = self._turns[turn % 2]
        for _ in terminal.frames():
            pass
        pressed = terminal.press(key)
        answered = terminal.first(shows, PATIENCE)
        return PATIENCE if answered is None else max(0.0, answered.at - pressed)


FOLLOW = Toggle(
    ("F", "F"),
    lambda rows: any("PAUSED" in row for row in rows),
    lambda rows: any("FOLLOW" in row for row in rows),
)
"""Stopping to follow, and following again."""

TITLE = Toggle(
    ("t", "t"),
    lambda rows: rows[0].startswith("FOLLOW turned"),
    lambda rows: not rows[0].startswith("FOLLOW turned"),
)
"""The key of the plain follower, answered in the first row."""


@dataclass(frozen=True)
class Follower:
    """A program that follows a file, and the terminal that it is in.

    Attributes:
        command: The program, without the file.
        ready: What it shows when it follows an empty file.
        toggle: The keys that are tried.
        size: Columns and rows of the terminal.
        rate: Bytes a second that the link takes, None for as many as there are.
        colour: Whether the stream is coloured.
    """

    command: Sequence[str]
    ready: str
    toggle: Toggle = FOLLOW
    size: tuple[int, int] = SIZE
    rate: float | None = None
    colour: bool = False


LOG_VIEW = Follower((sys.executable, "-m", "orchest_tui.ui.log"), "Nothing yet")
RICH_LOG = Follower((sys.executable, str(Path(rich_log.__file__))), "FOLLOW", TITLE)

_BEFORE = 10
"""Lines of the run that makes everything ready."""

_NO_BUDGETS = (None, None, None, None)


def measure(bench: Workbench) -> Iterator[Figure]:
    """Follow the stream in all ways."""
    rounds, seconds = (1, 5.0) if bench.quick else (3, 10.0)
    docker = _docker_logs(rounds, seconds)
    batches = _file(bench, 1, seconds, RICH_LOG)
    beside = (Baseline("docker logs -f", tuple(docker.cores)), Baseline("docker logs -f", tuple(docker.written)))
    budgets = (0.08, 25e3, 0.3, 0.1)
    yield from _figures("log view", _file(bench, rounds, seconds, LOG_VIEW), budgets, beside, batches)
    yield from _figures("whole app", _app(bench, rounds, seconds), budgets, beside, batches)
    slow = _file(bench, rounds, seconds, replace(LOG_VIEW, rate=SLOW))
    yield from _figures("log view, 30 KB/s link", slow, (None, None, 0.5, 0.5))
    slow = _app(bench, rounds, seconds, rate=SLOW)
    yield from _figures("whole app, 30 KB/s link", slow, (None, None, 0.5, 0.5))
    colour = _file(bench, rounds, seconds, replace(LOG_VIEW, size=LARGE, colour=True))
    yield from _figures("log view, colour, 200x60", colour, (0.12, 70e3, None, None))
    yield from _figures("RichLog, a write a batch", batches, _NO_BUDGETS)
    by_line = replace(RICH_LOG, command=(*RICH_LOG.command, "--by-line"))
    yield from _figures("RichLog, a write a line", _file(bench, 1, seconds, by_line), _NO_BUDGETS)


def _figures(
    who: str,
    found: Followed,
    limits: tuple[float | None, float | None, float | None, float | None],
    beside: tuple[Baseline | None, Baseline | None] = (None, None),
    textual: Followed | None = None,
) -> Iterator[Figure]:
    """Yield what was found, with the budgets for CPU, bytes, age and keys."""
    age = None if textual is None else Baseline("RichLog", tuple(textual.age))
    keys = None if textual is None else Baseline("RichLog", tuple(textual.keys))
    yield Figure(f"{who}: CPU", tuple(found.cores), limits[0], beside[0], unit="core")
    yield Figure(f"{who}: written to the terminal", tuple(found.written), limits[1], beside[1], unit="B/s")
    yield Figure(f"{who}: age of the newest line, 95 % of the time", tuple(found.age), limits[2], age)
    yield Figure(f"{who}: key → answer", tuple(found.keys), limits[3], keys)
    if any(limits):
        yield Figure(f"{who}: lines that are lost", tuple(found.lost), 0.0, unit="lines")


# -- what follows -----------------------------------------------------------------------------------------------


def _file(bench: Workbench, rounds: int, seconds: float, follower: Follower) -> Followed:
    """Follow a file that another process writes."""
    found, lines = Followed(), _lines(seconds)
    options = ["--colour"] if follower.colour else []
    for number in range(rounds):
        path = bench.folder / f"stream-{number}.log"
        command = [*follower.command, str(path)]
        with path.open("wb") as file, PseudoTerminal(command, size=follower.size, rate=follower.rate) as terminal:
            terminal.see(follower.ready)
            with subprocess.Popen([sys.executable, stream.__file__, str(lines), *options], stdout=file) as process:
                _follow(terminal, found, seconds, follower.toggle)
                process.wait()
            found.lost.append(_lost(terminal, path, lines))
        path.unlink()
    return found


def _app(bench: Workbench, rounds: int, seconds: float, *, rate: float | None = None) -> Followed:
    """Follow a step that runs in a container, in the app, its log full screen."""
    lines = _lines(seconds)
    step = StepFile("Source", "import pathlib, stream\nstream.produce(int(pathlib.Path('lines').read_text()))\n")
    path = bench.pipeline([step])
    (path.parent / "stream.py").write_text(Path(stream.__file__).read_text())
    (path.parent / "lines").write_text(str(_BEFORE))
    with bench.engine(path) as engine:
        layout = engine.opened.layout
        finish(engine)  # what is built and pulled for the first run is no part of it
    (path.parent / "lines").write_text(str(lines))
    found = Followed()
    for number in range(2, rounds + 2):
        with PseudoTerminal([PROGRAM, str(path.parent)], rate=rate) as terminal:
            terminal.see(step.title)
            time.sleep(3.0)
            terminal.press("\r")
            time.sleep(0.5)
            terminal.press("\r")
            time.sleep(0.5)
            terminal.press("r")
            terminal.see_that(_streams)
            _follow(terminal, found, seconds, FOLLOW)
            terminal.see(f"✔ run {number}")
            found.lost.append(_lost(terminal, layout.log_file(number, step.uuid), lines))
            terminal.press("q")  # out of the full screen
            terminal.see("Steps")
            terminal.press("q")
            terminal.ended()
    return found


def _streams(rows: Sequence[str]) -> bool:
    """Return whether lines of the stream are shown, other than those of the short run before it."""
    newest = newest_on(Frame(0.0, rows))
    return newest is not None and newest.number > _BEFORE


def _docker_logs(rounds: int, seconds: float) -> Followed:
    """Follow a container's output by Docker's own client; it has no keys, and shows all lines."""
    found, lines = Followed(), _lines(seconds)
    for _ in range(rounds):
        with _container(lines) as name, PseudoTerminal(["docker", "logs", "-f", name]) as terminal:
            found.cores.append(0.0)
            found.written.append(0.0)
            begin, end = _window(terminal, found, seconds)
            found.age.append(most(ages(map(newest_in, list(terminal.chunks)), begin, end)))
    return found


@contextmanager
def _container(lines: int) -> Iterator[str]:
    """Give a container that prints the stream."""
    name = f"orchest-tui-benchmark-{uuid.uuid4().hex}"
    image = load_settings(None).settings.base_image
    script = f"{Path(stream.__file__)}:/stream.py:ro"
    run(["docker", "run", "--detach", "--name", name, "--volume", script, image, "python3", "/stream.py", str(lines)])
    try:
        yield name
    finally:
        run(["docker", "rm", "--force", name])


# -- measuring --------------------------------------------------------------------------------------------------


def _lines(seconds: float) -> int:
    """Return how many lines outlast warming up, measuring, and all keys."""
    return int(stream.RATE * (WARM_UP + seconds + KEYS * (BETWEEN_KEYS + 0.3) + 2.0))


def _follow(terminal: PseudoTerminal, found: Followed, seconds: float, toggle: Toggle) -> None:
    """Measure for a while without a key, then how soon keys are answered."""
    found.cores.append(0.0)
    found.written.append(0.0)
    seen: list[Newest | None] = []
    begin, end = _window(terminal, found, seconds)
    seen += map(newest_on, terminal.frames())
    measured = ages(seen, begin, end)
    found.age.append(most(measured) if measured else PATIENCE)
    deadline = time.monotonic() + KEYS * (BETWEEN_KEYS + 0.3)
    for turn in range(KEYS):
        if time.monotonic() < deadline:
            found.keys.append(toggle.seconds(terminal, turn))
            time.sleep(BETWEEN_KEYS)
    if len(found.keys) % 2:
        toggle.seconds(terminal, 1)


def _window(terminal: PseudoTerminal, found: Followed, seconds: float) -> tuple[float, float]:
    """Add CPU and bytes of ``seconds`` seconds to the last samples; return when it began and ended."""
    time.sleep(WARM_UP)
    begin, cpu, written = time.monotonic(), terminal.cpu, terminal.written
    time.sleep(seconds)
    end = time.monotonic()
    found.cores[-1] = (terminal.cpu - cpu) / (end - begin)
    found.written[-1] = (terminal.written - written) / (end - begin)
    return begin, end


def _lost(terminal: PseudoTerminal, log: Path, lines: int) -> float:
    """Return how many lines are missing from the log, or behind the last one that is shown."""
    last = terminal.first(lambda rows: any(f"{lines - 1:010d}" in row for row in rows), PATIENCE)
    with log.open("rb") as file:
        kept = sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(1 << 20), b""))
    return float(lines - kept if kept != lines else last is None)
