"""What the commands ``run.*`` do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import set_cell_size
from rich.text import Text

from orchest_tui.engine.requests import RunKind, RunRequest
from orchest_tui.terminal_text import plain
from orchest_tui.ui.screens.dialogs import Answer, Ask

if TYPE_CHECKING:
    from orchest_tui.ui.pipeline.screen import PipelineScreen


_NAME_CELLS = 28


class RunController:
    """Starts and stops runs.

    Args:
        screen: The pipeline's screen.
    """

    def __init__(self, screen: PipelineScreen) -> None:
        self._screen = screen

    def command_selected(self) -> None:
        """Run the chosen steps."""
        self._start("selected")

    def command_from_here(self) -> None:
        """Run the chosen steps and what is below."""
        self._start("from")

    def command_incoming(self) -> None:
        """Run what is above the chosen steps."""
        self._start("incoming")

    def command_stale(self) -> None:
        """Run what is stale."""
        self._start("stale")

    def command_failed(self) -> None:
        """Run what failed, and what was aborted for it."""
        self._screen.attempt(self._run_failed())

    def command_all(self) -> None:
        """Run everything."""
        self._start("all")

    def command_again(self) -> None:
        """Repeat the last run."""
        rows = self._screen.session.history.runs(1)
        if rows:
            self._screen.attempt(self._run(RunRequest.from_json(dict(rows[0].request))))

    def command_menu(self) -> None:
        """Ask what to run."""
        self._screen.attempt(self._menu())

    def command_live(self) -> None:
        """Switch live mode."""
        self._screen.attempt(self._switch_live())

    def command_stop(self) -> None:
        """Ask what to stop, and stop it."""
        self._screen.attempt(self._stop())

    def _start(self, kind: RunKind) -> None:
        steps = self._screen.step_tree.chosen() if kind in {"selected", "from", "incoming"} else ()
        self._screen.attempt(self._run(RunRequest(kind, steps)))

    async def _run(self, request: RunRequest) -> None:
        """Begin a run. Its steps lose their marks, so that the next run is of what is chosen after it."""
        number = await self._screen.session.start(request)
        if number is None:
            self._screen.notify("Nothing to run: everything is fresh.", timeout=4)
        else:
            self._screen.step_tree.mark(request.steps, on=False)

    async def _run_failed(self) -> None:
        failed = await self._screen.session.failed_steps()
        if failed:
            await self._run(RunRequest("selected", failed))
        else:
            self._screen.notify("Nothing to run: no step failed last.", timeout=4)

    async def _menu(self) -> None:
        choices = await self._screen.session.choices(self._screen.step_tree.chosen())
        names = [Text(plain(choice.name)) for choice in choices]
        for name in names:
            name.truncate(_NAME_CELLS, overflow="ellipsis")
        widest = max(name.cell_len for name in names)
        answers = [
            Answer(
                f"{set_cell_size(name.plain, widest)}  {choice.summary()}", choice.request,
                plain(", ".join(choice.titles)), enabled=bool(choice.titles),
            )
            for name, choice in zip(names, choices, strict=True)
        ]  # fmt: skip
        request = await self._screen.app.push_screen_wait(Ask("Run", answers))
        if request is not None:
            await self._run(request)

    async def _switch_live(self) -> None:
        session = self._screen.session
        await session.set_live(live=not session.live)
        self._screen.header.set_facts(live=session.live)
        words = "on: what becomes stale runs at every save" if session.live else "off"
        self._screen.notify(f"Live mode is {words}.", timeout=4)

    async def _stop(self) -> None:
        session, tree = self._screen.session, self._screen.step_tree
        answers: list[Answer[tuple[tuple[str, ...], bool]]] = []
        grace = f"Steps have {session.target.settings.abort_grace:g} s to end by themselves."
        chosen = [step for step in tree.chosen() if tree.step_view(step).status in {"STARTED", "PENDING"}]
        if chosen:
            titles = plain(", ".join(tree.step_view(step).title for step in chosen))
            answers.append(Answer("stop the chosen step" + "s" * (len(chosen) > 1), (tuple(chosen), False), titles))
        answers.append(Answer("stop the whole run", ((), False), grace))
        answers.append(Answer("kill the whole run", ((), True), "Its steps are ended at once."))
        answer = await self._screen.app.push_screen_wait(Ask("Stop?", answers))
        if answer is not None:
            session.stop(answer[0], at_once=answer[1])
