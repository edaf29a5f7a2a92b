"""The tab Params: the parameters of pipeline and step, edited in place and saved to the pipeline's file."""

from __future__ import annotations

import json
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Input
from textual.widgets.option_list import Option

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.definition import Pipeline
from orchest_tui.project.parameters import parse_assignment, with_parameter
from orchest_tui.project.save import save_pipeline
from orchest_tui.terminal_text import plain
from orchest_tui.ui.choice_list import ChoiceList


class ParamsPane(Vertical):
    """The parameters that a step sees; enter edits the highlighted one, escape leaves it as it was.

    Args:
        id: The widget's id.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]
    DEFAULT_CSS = """
    ParamsPane ChoiceList { height: 1fr; background: transparent; }
    ParamsPane Input { display: none; height: 1; padding: 0; }
    ParamsPane Input, ParamsPane Input:focus { border: none; }
    ParamsPane.-editing Input { display: block; }
    """

    class Saved(Message):
        """A parameter was written to the file; ``words`` tell its value, and the old one of another kind."""

        def __init__(self, words: str) -> None:
            super().__init__()
            self.words = words

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 (Textual's own name)
        super().__init__(id=id)
        self.read_only = False
        self._pipeline: Pipeline | None = None
        self._step = ""
        self._entries: list[tuple[str | None, str]] = []

    def compose(self) -> ComposeResult:
        """Make list and input line."""
        yield ChoiceList()
        yield Input(placeholder="name = value")

    def show(self, pipeline: Pipeline, step: str) -> None:
        """Show the parameters of ``pipeline`` and of one of its steps."""
        if pipeline is self._pipeline and step == self._step:
            return
        self._pipeline, self._step = pipeline, step
        choices = self.query_one(ChoiceList)
        place = choices.highlighted
        options: list[Option] = []
        self._entries = []
        for holder, heading, values in (
            (step, "step", pipeline.steps[step].parameters),
            (None, "pipeline", pipeline.parameters),
        ):
            for name, value in values.items():
                label = Text(f"{heading:9}", "dim").append(f"{plain(name)} = ", "not dim")
                options.append(Option(label.append(plain(json.dumps(value)), "not dim bold")))
                self._entries.append((holder, name))
            options.append(Option(Text(f"{heading:9}", "dim").append("+ a new parameter")))
            self._entries.append((holder, ""))
        choices.set_options(options)
        choices.highlighted = min(place or 0, len(options) - 1)

    def on_option_list_option_selected(self, event: ChoiceList.OptionSelected) -> None:
        """Edit the chosen parameter."""
        event.stop()
        if self._pipeline is None:
            return
        if self.read_only:
            self.notify("Open elsewhere: read-only.", timeout=2, severity="warning")
            return
        holder, name = self._entries[event.option_index]
        owner = self._pipeline if holder is None else self._pipeline.steps[holder]
        line = self.query_one(Input)
        line.value = f"{name} = {json.dumps(owner.parameters[name])}" if name else ""
        self.add_class("-editing")
        self.screen.set_focus(line)  # at once, so that the next key is text and no command

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Check the parameter and save the file; what is wrong is told and stays to be mended."""
        event.stop()
        place = self.query_one(ChoiceList).highlighted
        if self._pipeline is None or place is None:
            return
        try:
            name, value = parse_assignment(event.value)
            holder = self._entries[place][0]
            owner = self._pipeline if holder is None else self._pipeline.steps[holder]
            changed = with_parameter(self._pipeline.raw, holder, name, value)
            save_pipeline(changed, self._pipeline.path)
        except OrchestTuiError as error:
            self.notify(str(error), severity="error", markup=False)
            return
        self.action_give_up()
        old = owner.parameters.get(name, value)
        words = f"{name} = {json.dumps(value)} is saved"
        self.post_message(self.Saved(words if type(old) is type(value) else f"{words}; it was {json.dumps(old)}"))

    def action_give_up(self) -> None:
        """Leave the input line."""
        if self.has_class("-editing"):
            self.remove_class("-editing")
            self.query_one(ChoiceList).focus()
