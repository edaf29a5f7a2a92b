"""Commands that start and stop runs."""

from __future__ import annotations

from orchest_tui.commands.command import Command, Situation


class _Run(Command):
    """A command that only the process may do that has the pipeline open."""

    changes = True

    @classmethod
    def hindrance(cls, situation: Situation) -> str:
        """Tell of the run that goes on, which is what mostly stands in the way."""
        return "a run goes on" if situation.running else "there is nothing to run"


class RunSelected(_Run):
    """Run the marked steps, or the one under the cursor where none is marked."""

    id, title, keys = "run.selected", "Run step or marked ones", ("r",)
    of_row = True
    label, rank = "run", 10

    @classmethod
    def footer_label(cls, situation: Situation) -> str:
        """Tell how many steps it is, where it is not the one under the cursor."""
        return f"run {situation.marked} marked" if situation.marked else cls.label

    @classmethod
    def row_title(cls, situation: Situation) -> str:
        """Tell what is meant: the step, or the marked ones."""
        if not situation.marked:
            return "Run the step"
        return f"Run the {situation.marked} marked steps" if situation.marked > 1 else "Run the marked step"

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether there is something to run and nothing runs."""
        return situation.step and not situation.running


class RunMenu(_Run):
    """Choose what to run; each choice tells its steps and about how long they take."""

    id, title, keys = "run.menu", "Run menu", ("R",)
    label, rank = "run menu", 20

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether there is something to run and nothing runs."""
        return situation.steps > 0 and not situation.running


class RunFromHere(_Run):
    """Run the marked steps, or the one under the cursor, and everything below."""

    id, title = "run.from_here", "Run from here down"
    of_row = True
    available = RunSelected.available


class RunIncoming(_Run):
    """Run everything above the marked steps, or the one under the cursor."""

    id, title = "run.incoming", "Run the incoming steps"
    of_row = True
    available = RunSelected.available


class RunStale(_Run):
    """Run what is not fresh."""

    id, title = "run.stale", "Run what is stale"

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether something is stale and nothing runs."""
        return situation.stale > 0 and not situation.running

    @classmethod
    def hindrance(cls, situation: Situation) -> str:
        """Tell of the run that goes on, else that nothing is stale."""
        return super().hindrance(situation) if situation.running else "everything is fresh"


class RunFailed(_Run):
    """Run the steps that failed, and those that were aborted."""

    id, title = "run.failed", "Run what failed"

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether something failed and nothing runs."""
        return situation.failed > 0 and RunMenu.available(situation)

    @classmethod
    def hindrance(cls, situation: Situation) -> str:
        """Tell of the run that goes on, else that nothing failed."""
        return super().hindrance(situation) if situation.running else "nothing failed"


class RunAll(_Run):
    """Run all steps."""

    id, title = "run.all", "Run all steps"
    available = RunMenu.available


class RunAgain(_Run):
    """Repeat the last run with the same steps."""

    id, title, keys = "run.again", "Repeat the last run", (".",)

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether there was a run and none goes on."""
        return situation.ran and not situation.running


class Stop(_Run):
    """Stop the step under the cursor or the whole run; asks first."""

    id, title, keys = "run.stop", "Stop", ("s",)
    of_row = True
    label, rank = "stop", 10

    @classmethod
    def available(cls, situation: Situation) -> bool:
        """Return whether something runs."""
        return situation.running

    @classmethod
    def hindrance(cls, situation: Situation) -> str:  # noqa: ARG003 (it has one alone)
        """Tell that nothing runs."""
        return "nothing runs"


class Live(_Run):
    """Switch live mode: what becomes stale runs at every save."""

    id, title, keys = "run.live", "Live mode on or off", ("L",)
    label, rank = "live", 60


COMMANDS: tuple[type[Command], ...] = (
    RunSelected, RunMenu, RunFromHere, RunIncoming, RunStale, RunFailed, RunAll, RunAgain, Stop, Live,
)  # fmt: skip
