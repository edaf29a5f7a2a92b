"""The states of the screen that snapshots are taken of: a scene, and the keys that a person presses in it."""

from __future__ import annotations

from dataclasses import dataclass, field

from orchest_tui.ui.abilities import Abilities
from tests.ui import scenes
from tests.ui.scenes import SceneMaker

SIZES = ((80, 24), (120, 35), (200, 60))
NARROW = ((50, 16),)


@dataclass(frozen=True)
class State:
    """One state of the screen.

    Attributes:
        name: What it shows; the golden files' name.
        scene: The project and its condition.
        keys: What is pressed, in Textual's names of keys, or the id of a command that the palette does.
        shown: A text by which one sees that it is there.
        sizes: Columns and rows.
        abilities: What the terminal can show.
    """

    name: str
    scene: SceneMaker
    keys: tuple[str, ...] = ()
    shown: str = ""
    sizes: tuple[tuple[int, int], ...] = SIZES
    abilities: Abilities = field(default=Abilities())


PLAIN_TERMINAL = Abilities(colours="none", unicode=False)
TO_TRAIN = ("j", "j", "j", "j")

STATES = (
    # before a pipeline is open
    State("no-project", scenes.nowhere, (), "open the demo"),
    State("no-pipelines", scenes.no_pipelines, (), "make one"),
    State("pipelines", scenes.several, (), "Nightly report"),
    State("open-elsewhere", scenes.open_elsewhere, (), "process 4711"),
    # the pipeline's conditions
    State("empty", scenes.empty),
    State("never-run", scenes.bikes),
    State("fresh", scenes.done),
    State("stale", scenes.stale, ("j", "j", "j")),
    State("running", scenes.running, TO_TRAIN, "420/1000"),
    State("running-live", scenes.running_live, ("j", "j"), "LIVE"),
    State("failed", scenes.failed, ("j",), "KeyError"),
    State("stopped", scenes.stopped, ("j", "j", "j")),
    State("preparing", scenes.preparing, (), "building"),
    State("broken", scenes.broken, (), "problems"),
    # the tree
    State("marked", scenes.stale, ("space", "j", "space"), "2 marked"),
    State("folded", scenes.stale, ("j", "j", "j", "h")),
    State("filter-typing", scenes.stale, ("slash", *"rt")),
    State("filter-kept", scenes.stale, ("slash", *"ea", "enter"), "/ea"),
    State("filter-no-match", scenes.stale, ("slash", *"xyz"), "No steps match"),
    # dialogs
    State("run-menu", scenes.stale, ("j", "j", "j", "R"), "all steps"),
    State("why-stale", scenes.stale, ("d",), "Why: Load"),
    State("why-failed", scenes.failed, ("j", "d"), "Why: Clean"),
    State("why-fresh", scenes.done, ("d",), "Why: Load"),
    State("why-running", scenes.running, (*TO_TRAIN, "d"), "Why: Train"),
    State("step-menu", scenes.stale, ("x",), "Clear"),
    State("theme", scenes.done, ("app.theme",), "High contrast"),
    State("notices", scenes.running_live, ("view.notices",), "Notices"),
    State("stop", scenes.running, (*TO_TRAIN, "s"), "Stop?"),
    State("quit", scenes.running, ("q",), "A run goes on"),
    State("problems", scenes.broken, ("view.problems",), "error:"),
    State("help-tree", scenes.stale, ("question_mark",), "Keys"),
    State("help-log", scenes.stale, ("enter", "question_mark"), "Keys"),
    State("help-map", scenes.stale, ("m", "question_mark"), "Keys"),
    State("help-source", scenes.stale, ("]", "]", "tab", "question_mark"), "Keys"),
    State("palette", scenes.stale, ("ctrl+p",), "Run menu"),
    State("palette-search", scenes.stale, ("ctrl+p", *"mark"), "Mark all"),
    # tabs
    State("data-table", scenes.done, ("]",), "Alexanderplatz"),
    State("data-nothing", scenes.bikes, ("]",), "nothing"),
    State("source", scenes.done, ("j", "]", "]"), "fill_gaps"),
    State("source-notebook", scenes.done, ("j", "j", "]", "]"), "17167"),
    State("params", scenes.done, ("]", "]", "]"), "a new parameter"),
    State("params-editing", scenes.done, ("]", "]", "]", "tab", "enter"), "rows = 20000"),
    State("runs", scenes.failed, ("j", "[", "["), "run 3, all"),
    State("runs-never", scenes.bikes, ("[", "["), "not run yet"),
    State("properties", scenes.done, ("j", "j", "j", "["), "features.py"),
    # full screen, narrow screens, poor terminals
    State("pinned", scenes.running, ("1", *TO_TRAIN, "2"), "420/1000"),
    State("log-full", scenes.failed, ("j", "enter", "enter"), "KeyError"),
    State("log-search", scenes.failed, ("j", "enter", "slash", *"clean", "enter"), "/clean"),
    State("narrow-tree", scenes.stale, sizes=NARROW),
    State("narrow-log", scenes.failed, ("j", "enter"), "KeyError", sizes=NARROW),
    State("narrow-map", scenes.failed, ("m",), sizes=NARROW),
    State("plain-stale", scenes.stale, ("space",), abilities=PLAIN_TERMINAL),
    State("plain-running", scenes.running, TO_TRAIN, "420/1000", abilities=PLAIN_TERMINAL),
    State("plain-failed", scenes.failed, ("j",), "KeyError", abilities=PLAIN_TERMINAL),
    State("plain-run-menu", scenes.stale, ("R",), "all steps", abilities=PLAIN_TERMINAL),
    # the map in the tree's place
    State("map-empty", scenes.empty, ("m",)),
    State("map-never-run", scenes.bikes, ("m",)),
    State("map-stale", scenes.stale, ("m",)),
    State("map-running", scenes.running, (*TO_TRAIN, "m"), "42%"),
    State("map-failed", scenes.failed, ("j", "m"), "KeyError"),
    State("map-right", scenes.done, ("m", "o")),
    State("map-list", scenes.done, ("m", "o", "o")),
    State("map-plain", scenes.running, ("m",), abilities=PLAIN_TERMINAL),
    # hard to draw
    State("thousand", scenes.thousand),
    State("thousand-end", scenes.thousand, ("G",), "1000/1000"),
    State("thousand-map", scenes.thousand, ("m",)),
    State("hostile", scenes.hostile),
    State("hostile-log", scenes.hostile, ("enter",), "red"),
    State("hostile-map", scenes.hostile, ("m",)),
    State("hostile-params", scenes.hostile, ("]", "]", "]"), "a new parameter"),
    State("hostile-properties", scenes.hostile, ("[",), "uuid"),
    State("hostile-why", scenes.hostile, ("d",), "Why:"),
    State("hostile-plain", scenes.hostile, abilities=PLAIN_TERMINAL),
)
