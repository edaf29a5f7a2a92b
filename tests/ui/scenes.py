"""The scenes that snapshots are taken of: one project in all its conditions, and projects that are hard to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from orchest_tui.engine.events import CellChanged, EnvironmentProgress, Notice, StepProgress, StepUsage
from orchest_tui.engine.lock import Holder
from orchest_tui.engine.state import StepView, ViewState
from orchest_tui.log_times import RECORD, times_path
from tests.engine.workshop import ENVIRONMENT, Workshop, step_uuid
from tests.ui.scene import NOW, Clock, Did, Scene, write_notebook

SceneMaker = Callable[[Path, Clock], Scene]

TRACEBACK = """reading bikes.parquet
dropped 212 rows without a station
Traceback (most recent call last):
  File "/project-dir/clean.py", line 9, in <module>
    bikes = fill_gaps(bikes, limit=settings["gap"])
  File "/project-dir/clean.py", line 4, in fill_gaps
    return frame.interpolate(limit=limit)
KeyError: 'gap'
"""
TABLE = {
    "type": "pandas.DataFrame", "shape": [17379, 4], "columns": ["station", "hour", "rented", "temperature"],
    "dtypes": {"station": "string", "hour": "datetime64[ns]", "rented": "int64", "temperature": "float64"},
    "head": [["Alexanderplatz", "2011-01-01 00:00", "16", "9.84"], ["Ostkreuz", "2011-01-01 01:00", "40", "9.02"]],
    "index": ["0", "1"],
}  # fmt: skip
HOSTILE = (
    "[b]brackets[/] and [@click=app.bell]more",
    "\U0001f6b2\U0001f6b2\U0001f6b2 emoji \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "\u30c7\u30fc\u30bf\u306e\u8aad\u307f\u8fbc\u307f\u3068\u524d\u51e6\u7406\u3068\u7279\u5fb4\u91cf",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "over\u202eride \u2066isolate",
    "clear\x1b[2Jed \x1b]0;title\x07bell",
    "line\r\nbreak\tand\x00tab\x9b",
    "e\u0301clair a\u0308o\u0308u\u0308",
    "",
    "x" * 300,
    "-- >> ok",
)


def bikes(folder: Path, clock: Clock) -> Scene:
    """A pipeline of eight steps that never ran."""
    workshop = Workshop(folder / "bikes")
    workshop.definition |= {"name": "City bikes", "parameters": {"seed": 7}}
    workshop.write("settings.py", "GAP = 3\n")
    workshop.step("Load", "import orchest\n\nprint('reading bikes.parquet')\n", file="load.py",
                  parameters={"rows": 20000, "city": "Berlin"})  # fmt: skip
    workshop.step("Clean", CLEAN, "Load", file="clean.py")
    workshop.step("Explore", "", "Clean", file="explore.ipynb")
    workshop.step("Make features", "import settings\n", "Clean", file="features.py", retries=2, timeout=600)
    workshop.step("Train", "import settings\n", "Make features", file="train.py")
    workshop.step("Evaluate", "", "Train", "Make features", file="evaluate.py")
    workshop.step("Report", "", "Evaluate", "Explore", file="report.py")
    workshop.step("Publish", "echo published\n", "Report", file="publish.sh")
    write_notebook(
        workshop,
        "explore.ipynb",
        [("import orchest\nbikes = orchest.get_inputs()['bikes']", ""), ("print(len(bikes))", "17167\n")],
    )
    return Scene(workshop, clock)


CLEAN = """\
import orchest


def fill_gaps(frame, limit):
    return frame.interpolate(limit=limit)


settings = {}
bikes = fill_gaps(orchest.get_inputs()["bikes"], limit=settings["gap"])
orchest.output(bikes, name="bikes")
"""

_WHOLE_RUN = (
    Did("Load", start=0.0, seconds=2.1, log="reading bikes.parquet\n17,379 rows\n"),
    Did("Clean", start=2.1, seconds=0.34, log="dropped 212 rows without a station\n"),
    Did("Explore", start=2.5, seconds=4.8, log=""),
    Did("Make features", start=2.5, seconds=1.2, log="12 columns\n"),
    Did("Train", start=3.7, seconds=75.0, log="".join(f"epoch {n:2} loss {1 / n:.4f}\n" for n in range(1, 41))),
    Did("Evaluate", start=78.7, seconds=0.9, log="r2 0.94\n"),
    Did("Report", start=79.6, seconds=1.6, log="wrote report.html\n"),
    Did("Publish", start=81.2, seconds=0.05, log="published\n"),
)


def done(folder: Path, clock: Clock) -> Scene:
    """Everything ran twice and is fresh."""
    scene = bikes(folder, clock)
    for ago in (90_000, 1800):
        scene.run("all", NOW - ago, _WHOLE_RUN, status="SUCCESS", finished=81.3)
    scene.output("Load", "bikes", 41_200_000, TABLE, 1798)
    scene.output("Make features", "columns", 820, {"type": "list", "length": 12, "text": "['hour', 'weekday', …]"},
                 1796)  # fmt: skip
    scene.output("Train", None, 9_400_000, {"type": "sklearn.Pipeline", "text": "Pipeline(steps=[('scale', …)])"},
                 1721)  # fmt: skip
    return scene


def stale(folder: Path, clock: Clock) -> Scene:
    """Everything ran, then a file and a parameter were changed."""
    scene = done(folder, clock)
    scene.workshop.write("features.py", "import settings  # other columns\n")
    scene.workshop.definition["steps"][step_uuid("Load")]["parameters"]["rows"] = 500
    scene.workshop.save()
    return scene


def failed(folder: Path, clock: Clock) -> Scene:
    """The third run failed at its second step."""
    scene = done(folder, clock)
    why = "Clean failed"
    did = [Did("Load", seconds=2.0, log="reading bikes.parquet\n"),
           Did("Clean", "FAILURE", 2.0, 0.4, "exit code 1", TRACEBACK)]  # fmt: skip
    did += [Did(each.title, "ABORTED", None, None, why) for each in _WHOLE_RUN[2:]]
    scene.run("all", NOW - 40, did, status="FAILURE", finished=2.6, reason=why)
    return scene


def long_log(folder: Path, clock: Clock) -> Scene:
    """The third run failed at its second step, after three hundred lines with times and three errors."""
    scene = done(folder, clock)
    wide = "wide " + "0123456789" * 30 + " end of it"
    lines = [f"line {number}" for number in range(300)]
    lines[100], lines[200] = "ERROR one", "ERROR two"
    log = "\n".join([wide, *lines, TRACEBACK])
    did = [Did("Load", seconds=2.0, log="reading bikes.parquet\n"), Did("Clean", "FAILURE", 2.0, 0.4, "exit 1", log)]
    number = scene.run("selected", NOW - 40, did, status="FAILURE", finished=2.6, reason="Clean failed")
    path = scene.workshop.layout.log_file(number, step_uuid("Clean"))
    times_path(path).write_bytes(RECORD.pack(0, NOW - 38))
    return scene


def reading(folder: Path, clock: Clock) -> Scene:
    """Everything ran; a script and a notebook are longer than the screen, the notebook has two errors."""
    scene = done(folder, clock)
    scene.workshop.write("clean.py", "# wide " + "0123456789" * 30 + "\n" + "".join(f"n{n} = {n}\n" for n in range(90)))
    cells = [(f"print({number})", f"{number}\n") for number in range(60)]
    cells[10], cells[40] = ("fail(10)", "Error: the tenth"), ("fail(40)", "Error: the fortieth")
    write_notebook(scene.workshop, "explore.ipynb", cells)
    return scene


def running(folder: Path, clock: Clock) -> Scene:
    """The third run goes on: a notebook and a script with a progress bar, three steps wait."""
    scene = done(folder, clock)
    did = [
        *_WHOLE_RUN[:2],
        Did("Explore", "STARTED", 2.5, None, log="cell 1\ncell 2\n17167\n"),
        Did("Make features", start=2.5, seconds=1.2, log="12 columns\n"),
        Did("Train", "STARTED", 3.7, None, log="epoch  1 loss 1.0000\nepoch  2 loss 0.5000\n 42%|####      | 420/1000"),
        *(Did(each.title, "PENDING", log=None) for each in _WHOLE_RUN[5:]),
    ]
    number = scene.run("all", NOW - 32, did)
    scene.happen(
        CellChanged(NOW, number, step_uuid("Explore"), 2, 9, "running"),
        StepProgress(NOW, number, step_uuid("Train"), 0.42, "420 of 1,000 trees"),
        StepUsage(NOW, number, step_uuid("Explore"), 0.12, 210_000_000),
        StepUsage(NOW, number, step_uuid("Train"), 3.6, 1_900_000_000),
    )
    return scene


def running_live(folder: Path, clock: Clock) -> Scene:
    """The same in live mode, with a word from the engine."""
    scene = running(folder, clock)
    scene.workshop.write("orchest-tui.yaml", "live: true\n")
    scene.happen(Notice(NOW - 5, "info", "Environment Python is built."))
    return scene


def preparing(folder: Path, clock: Clock) -> Scene:
    """The first run waits for its environment."""
    scene = bikes(folder, clock)
    number = scene.run("all", NOW - 12, [Did(each.title, "PENDING") for each in _WHOLE_RUN])
    assert number == 1
    scene.happen(EnvironmentProgress(NOW, ENVIRONMENT, "Python", "building: Step 3/7 pip install scikit-learn"))
    return scene


def stopped(folder: Path, clock: Clock) -> Scene:
    """The first run was stopped, after a step had been killed for its memory."""
    scene = bikes(folder, clock)
    did = [
        *_WHOLE_RUN[:2],
        Did("Explore", "FAILURE", 2.5, 300.0, "killed: out of memory (limit 512 MB)", "cell 1\ncell 2\n"),
        Did("Make features", "ABORTED", 2.5, 4000.0, "aborted", "12 columns\n"),
        *(Did(each.title, "ABORTED", None, None, "aborted") for each in _WHOLE_RUN[4:]),
    ]
    scene.run("all", NOW - 50_000, did, status="ABORTED", finished=4003.0, reason="aborted")
    return scene


def empty(folder: Path, clock: Clock) -> Scene:
    """A pipeline without steps."""
    workshop = Workshop(folder / "bikes")
    workshop.save()
    return Scene(workshop, clock)


def nowhere(folder: Path, clock: Clock) -> Scene:
    """There is no project where the user is."""
    return replace(empty(folder, clock), start="nowhere")


def no_pipelines(folder: Path, clock: Clock) -> Scene:
    """The project has no pipelines."""
    return replace(empty(folder, clock), start="no pipelines")


def several(folder: Path, clock: Clock) -> Scene:
    """The project has three pipelines, one of which can't be read."""
    scene = bikes(folder, clock)
    scene.workshop.write(
        "jobs/nightly.orchest", scene.workshop.path.read_text().replace("City bikes", "Nightly report")
    )
    scene.workshop.write("old.orchest", "{")
    return replace(scene, start="project")


def open_elsewhere(folder: Path, clock: Clock) -> Scene:
    """Another process has the pipeline open."""
    return replace(bikes(folder, clock), holder=Holder(4711, "devbox", NOW - 3600, "orchest-tui"))


def broken(folder: Path, clock: Clock) -> Scene:
    """A pipeline with things wrong in its files."""
    scene = bikes(folder, clock)
    (scene.workshop.folder / "train.py").unlink()
    scene.workshop.definition["steps"][step_uuid("Report")]["environment"] = "00000000-0000-4000-8000-000000000000"
    scene.workshop.save()
    return scene


def _conditions(state: ViewState) -> ViewState:
    """Give the steps every condition in turn."""
    made: dict[str, StepView] = {}
    for number, (uuid, step) in enumerate(state.steps.items()):
        changes: Mapping[str, object] = (
            {"status": "SUCCESS", "fresh": True, "seconds": number * 0.7, "outputs": {"x": 1000 * number}, "run": 1},
            {"status": "SUCCESS", "fresh": False, "seconds": 61.0, "stale_reasons": ("load.py edited",), "run": 1},
            {"status": "FAILURE", "fresh": False, "seconds": 0.01, "reason": "exit code 1", "run": 1},
            {"status": "ABORTED", "fresh": False, "reason": "aborted", "run": 1},
            {"fresh": None, "stale_reasons": ("never run",)},
        )[number % 5]
        made[uuid] = replace(step, **changes)  # type: ignore[arg-type]
    return replace(state, steps=made)


def thousand(folder: Path, clock: Clock) -> Scene:
    """A thousand steps in chains of ten."""
    workshop = Workshop(folder / "forest")
    workshop.definition["name"] = "A thousand steps"
    steps = workshop.definition["steps"]
    workshop.write("tree.py", "print('tree')\n")
    for number in range(1000):
        uuid, parent = step_uuid(f"Tree {number}"), step_uuid(f"Tree {number - 1}")
        steps[uuid] = {
            "uuid": uuid, "title": f"Tree {number}", "file_path": "tree.py", "parameters": {},
            "environment": next(iter(workshop.folder.glob(".orchest/environments/*"))).name,
            "incoming_connections": [parent] if number % 10 else [],
            "kernel": {"name": "python", "display_name": "Python 3"},
        }  # fmt: skip
    workshop.save()
    return Scene(workshop, clock, _conditions)


def hostile(folder: Path, clock: Clock) -> Scene:
    """Steps whose titles, files and reasons are foreign text."""
    workshop = Workshop(folder / "[b]hostile \U0001f6b2")
    workshop.definition["name"] = "na\x1b[2Jme \u202e[/]"
    before: tuple[str, ...] = ()
    for number, title in enumerate(HOSTILE):
        workshop.step(title, f"# {title!r}\n", *before, file=f"step [{number}] \u30c7.py", parameters={title: title})
        before = (title,) if number % 3 else ()
    scene = Scene(workshop, clock)
    for title in (HOSTILE[0], HOSTILE[2], HOSTILE[9]):
        why = f"raised {title}"
        did = Did(title, "FAILURE", 0.0, 1.0, why, f"{title}\n\x1b[31mred\x1b[0m\x1b[5A\x1b]52;c;aGk=\x07\n")
        scene.run("selected", NOW - 100, [did], status="FAILURE", finished=1.0, reason=why)
    return scene
