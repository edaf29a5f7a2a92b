"""The screen of one pipeline: its panes, and what they tell each other."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual import events, on
from textual.binding import BindingType
from textual.widgets import Input

from orchest_tui.commands import BY_ID
from orchest_tui.commands.command import Scope, Situation
from orchest_tui.errors import OrchestTuiError
from orchest_tui.terminal_text import plain
from orchest_tui.ui.abilities import Abilities
from orchest_tui.ui.bindings import bindings_of, perform
from orchest_tui.ui.detail.logs import StepLogView
from orchest_tui.ui.detail.params import ParamsPane
from orchest_tui.ui.log import LogView
from orchest_tui.ui.map.step_map import StepMap
from orchest_tui.ui.pipeline.filter_line import FilterLine
from orchest_tui.ui.pipeline.panes import PanesScreen
from orchest_tui.ui.pipeline.run_actions import RunController
from orchest_tui.ui.pipeline.state_watch import StateWatch
from orchest_tui.ui.pipeline.step_actions import StepController, ViewController, edit_place
from orchest_tui.ui.pipeline.tree import StepTree
from orchest_tui.ui.pipeline.tree_actions import TreeController

if TYPE_CHECKING:
    from orchest_tui.ui.attention import Attention
    from orchest_tui.ui.session import Session

_MERGED_MOST = 16
"""Steps of a run whose logs are merged where none are marked."""


class PipelineScreen(PanesScreen):
    """The pipeline's screen.

    Args:
        session: The pipeline, not open yet.
        abilities: What the terminal can show.
        keys: Every command's keys in force.
        syntax: Returns the Pygments style in force.
        attention: Calls somebody back to the terminal.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings_of(Scope.PIPELINE),
        # Textual's screens have tab themselves; with the app's priority it would overtake keys typed before it.
        *(binding for binding in bindings_of(Scope.APP) if binding.id in {"app.next_pane", "app.previous_pane"}),
    ]

    def __init__(
        self,
        session: Session,
        abilities: Abilities,
        keys: Mapping[str, Sequence[str]],
        syntax: Callable[[], str],
        attention: Attention,
    ) -> None:
        super().__init__(session.target.settings.pictures, abilities, keys, syntax)
        self.session = session
        self.attention = attention
        tree = TreeController(self.step_tree)
        self._controllers = {
            "run": RunController(self), "step": StepController(self), "view": ViewController(self),
            "tree": tree, "move": tree,
        }  # fmt: skip
        self.state_watch = StateWatch(self, tree)

    # -- life ---------------------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        """Show what is known before the pipeline is open."""
        target = self.session.target
        self.header.set_facts(project=target.project_dir.name, pipeline=target.path.stem)
        self.update_footer()

    def begin(self, session: Session, cursor: str | None = None) -> None:
        """Show the open pipeline, with the cursor on a step where that is there."""
        self.session = session
        self.detail.set_session(session)
        self.header.set_facts(pipeline=session.opened.pipeline.name, live=session.live, read_only=session.read_only)
        self.state_watch.begin()
        if cursor in session.opened.pipeline.steps:
            self.step_tree.move_to(cursor)

    def attempt(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that may fail for a reason that a person is told."""

        async def guarded() -> None:
            try:
                await work
            except OrchestTuiError as error:
                self.notify(plain(str(error)), severity="error", markup=False, timeout=8)

        self.run_worker(guarded(), group="attempts")

    # -- commands -----------------------------------------------------------------------------------------------

    def situation(self) -> Situation:
        """Return what is the case, for offering commands."""
        state = self.state_watch.seen
        steps = state.steps.values()
        return Situation(
            step=self.step_tree.cursor is not None,
            steps=len(steps),
            marked=len(self.step_tree.marked),
            running=self.session.running,
            ran=state.run is not None,
            stale=sum(1 for step in steps if not step.fresh),
            failed=sum(1 for step in steps if step.status == "FAILURE"),
            filtered=bool(self.step_tree.pattern),
            open=self.session.is_open,
            read_only=self.session.read_only,
        )

    def action_command(self, command_id: str) -> None:
        """Do a command where it is possible, and say so where it is not."""
        command = BY_ID[command_id]
        refusal = command.refusal(self.situation())
        if refusal:
            self.notify(f"{command.title}: {refusal}.", timeout=2, severity="warning")
        elif command_id == "tree.filter":
            self.query_one(FilterLine).open(self.step_tree.pattern)
        else:
            perform(self._controllers[command_id.partition(".")[0]], command)
            self.update_footer()

    def toggle_map(self) -> None:
        """Show the map in the tree's place, or the tree again; the cursor stays on its step."""
        self.toggle_class("-map", "-tree")
        if self.has_class("-map"):
            self.call_after_refresh(self.draw_map)  # it has a size only once it is shown
        self.focus_left()

    def draw_map(self) -> None:
        """Draw the map of the definition in force, with the tree's cursor."""
        pipeline = self.session.opened.pipeline
        self.step_map.show_graph({uuid: step.title for uuid, step in pipeline.steps.items()}, pipeline.parents)
        self.step_map.show_steps(self.session.state.steps)
        if self.step_tree.cursor is not None:
            self.step_map.move_cursor(self.step_tree.cursor)

    def update_footer(self) -> None:
        """Show which keys work now."""
        self.footer.show(self.scope(), self.situation())

    # -- what the panes tell ------------------------------------------------------------------------------------

    @on(StepTree.CursorMoved)
    def _show_step(self, event: StepTree.CursorMoved) -> None:
        self.detail.show_step(event.step, marking=event.marking)
        self.update_footer()

    @on(StepMap.Highlighted)
    def _follow_map(self, event: StepMap.Highlighted) -> None:
        self.step_tree.move_to(event.step)

    @on(StepMap.Chosen)
    def _open_from_map(self) -> None:
        self.action_command("step.open")

    @on(FilterLine.Changed, "#filter")
    def _filter(self, event: Input.Changed) -> None:
        self.step_tree.set_filter(event.value)

    @on(FilterLine.Closed)
    def _end_filter(self, event: FilterLine.Closed) -> None:
        if not event.keep:
            self.step_tree.set_filter("")
        self.step_tree.focus()

    @on(ParamsPane.Saved)
    def _tell_saved(self, event: ParamsPane.Saved) -> None:
        self.notify(f"{plain(event.words)}.", timeout=3, markup=False)

    @on(LogView.Copied)
    def _tell_copied(self, event: LogView.Copied) -> None:
        self.notify(plain(event.outcome), timeout=4, markup=False)

    @on(LogView.MergeRequested)
    def _merge_logs(self, event: LogView.MergeRequested) -> None:
        run, marked = self.session.state.run, len(self.step_tree.marked)
        steps = self.step_tree.chosen() if marked > 1 else run.steps if run is not None else ()
        if marked <= 1 and not 1 < len(steps) <= _MERGED_MOST:
            self.notify("Mark several steps in the tree first (space).", timeout=4)
        elif isinstance(event.view, StepLogView):
            event.view.merge(steps)

    @on(StepTree.Marked)
    def _take_marks(self) -> None:
        self.detail.take_marks(self.step_tree.chosen())

    @on(LogView.OpenRequested)
    def _open_place(self, event: LogView.OpenRequested) -> None:
        step = event.view.step if isinstance(event.view, StepLogView) else None
        self.attempt(edit_place(self, event.places, step))

    @on(events.DescendantFocus)
    def _show_keys(self) -> None:
        self.update_footer()
