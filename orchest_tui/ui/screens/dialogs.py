"""The two dialogs: one asks, one shows something to read. Both close with escape or ``q``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.widgets.option_list import Option

from orchest_tui.ui.choice_list import ChoiceList
from orchest_tui.ui.pipeline.filter_line import FilterLine
from orchest_tui.ui.pipeline.outline import matches
from orchest_tui.ui.text_view import TextView

Value = TypeVar("Value")

_FEW = 8
"""Answers that can be chosen from without a filter."""

_CLOSE = Binding("escape,q,ctrl+c", "dismiss(None)", "Close", show=False)


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """One thing to choose.

    Attributes:
        label: Its line; plain text.
        value: What the dialog returns.
        note: What is told about it while it is highlighted.
        enabled: Whether it can be chosen.
    """

    label: str
    value: Value
    note: str = ""
    enabled: bool = True


class Ask(ModalScreen[Value | None], Generic[Value]):
    """Ask to choose one of a few answers; returns its value, None for escape.

    Args:
        question: What is asked, in few words.
        answers: What can be chosen; the first that is enabled is highlighted. Many can be filtered with ``/``.
        text: What has to be known for it.
        escape: What escape does, in a word.
    """

    BINDINGS: ClassVar[list[BindingType]] = [_CLOSE, Binding("slash", "filter", show=False)]
    DEFAULT_CSS = """
    Ask { align: center middle; }
    Ask > Vertical {
        width: auto; min-width: 36; max-width: 90%; height: auto; max-height: 90%;
        border: round $border; background: $surface; padding: 0 1;
    }
    Ask #note { color: $text-muted; height: auto; max-height: 6; width: auto; max-width: 100%; }
    Ask #text { height: auto; max-height: 10; width: auto; max-width: 100%; margin-bottom: 1; }
    Ask ChoiceList { width: auto; min-width: 34; background: $surface; max-height: 16; }
    """

    def __init__(self, question: str, answers: Sequence[Answer[Value]], text: str = "", escape: str = "back") -> None:
        super().__init__()
        self._question = question
        self._answers = list(answers)
        self._shown = list(answers)
        self._text = text
        self._escape = escape

    def compose(self) -> ComposeResult:
        """Make question, answers and note."""
        with Vertical() as box:
            box.border_title = self._question.replace("[", r"\[")
            if self._text:
                yield Static(self._text, id="text", markup=False)
            yield ChoiceList()
            box.border_subtitle = f"esc {self._escape}"
            if len(self._answers) > _FEW:
                box.border_subtitle = f"/ filter  esc {self._escape}"
                yield FilterLine("filter")
            yield Static("", id="note", markup=False)

    def on_mount(self) -> None:
        """Highlight the first answer that can be chosen."""
        self._offer(self._answers)
        self.query_one(ChoiceList).focus()

    def _offer(self, answers: Sequence[Answer[Value]]) -> None:
        """Show some of the answers."""
        self._shown = list(answers)
        choices = self.query_one(ChoiceList)
        choices.set_options([Option(Text(each.label), disabled=not each.enabled) for each in answers])
        choices.highlighted = next((place for place, each in enumerate(answers) if each.enabled), None)
        if not answers:
            self.query_one("#note", Static).update("Nothing matches.")

    def action_filter(self) -> None:
        """Show the line in which a filter is typed, where there is much to choose from."""
        for line in self.query(FilterLine):
            line.open("")

    def on_input_changed(self, event: FilterLine.Changed) -> None:
        """Show the answers with what is typed in them; where none has it, those that have its letters in this order."""
        typed = event.value.casefold()
        whole = [each for each in self._answers if typed in each.label.casefold()]
        self._offer(whole or [each for each in self._answers if matches(typed, each.label)])

    def on_filter_line_closed(self, event: FilterLine.Closed) -> None:
        """Go back to the answers; take the first where the filter was left with enter."""
        if not event.keep:
            self._offer(self._answers)
        self.query_one(ChoiceList).focus()

    def on_option_list_option_highlighted(self, event: ChoiceList.OptionHighlighted) -> None:
        """Tell what the highlighted answer means."""
        self.query_one("#note", Static).update(self._shown[event.option_index].note)

    def on_option_list_option_selected(self, event: ChoiceList.OptionSelected) -> None:
        """Return the answer."""
        self.dismiss(self._shown[event.option_index].value)


_READING_SHARE, _READING_MOST, _READING_FRAME = 0.95, 104, 4


def reading_width(columns: int) -> int:
    """Return the cells of a line of ``Reading`` on a screen with so many columns."""
    return max(20, min(_READING_MOST, int(columns * _READING_SHARE)) - _READING_FRAME)


class Reading(ModalScreen[None]):
    """Show lines to read; where there are more than fit, the frame tells which are shown.

    Args:
        title: What they are.
        lines: The lines, or what makes them for a width in cells.
    """

    BINDINGS: ClassVar[list[BindingType]] = [_CLOSE, Binding("enter,question_mark", "dismiss(None)", show=False)]
    DEFAULT_CSS = """
    Reading { align: center middle; }
    Reading > TextView {
        height: auto; max-height: 95%; border: round $border; background: $surface; padding: 0 1;
    }
    """

    def __init__(self, title: str, lines: Sequence[Text] | Callable[[int], Sequence[Text]]) -> None:
        super().__init__()
        self._title = title
        self._lines = lines
        self._view = TextView()

    def compose(self) -> ComposeResult:
        """Make the lines."""
        self._view.border_title = self._title.replace("[", r"\[")
        yield self._view

    def on_mount(self) -> None:
        """Show the lines."""
        self._lay_out(self.app.size.width)
        self._view.focus()
        self.watch(self._view, "scroll_y", self._tell_place)

    def on_resize(self, event: events.Resize) -> None:
        """Wrap the lines to another width."""
        self._lay_out(event.size.width)

    def _lay_out(self, columns: int) -> None:
        """Show the lines on a screen of so many columns."""
        width = reading_width(columns)
        lines = self._lines(width) if callable(self._lines) else self._lines
        wrapped = [part for line in lines for part in (line.wrap(self.app.console, width) or [Text("")])]
        self._view.styles.width, self._view.styles.height = width + _READING_FRAME, len(wrapped) + 2
        self._view.show(wrapped)
        self.call_after_refresh(self._tell_place)

    def _tell_place(self) -> None:
        lines, top, height = len(self._view.lines), self._view.scroll_offset.y, self._view.size.height
        self._view.border_subtitle = (
            f"j k  {top + 1}-{min(lines, top + height)} of {lines}" if lines > height > 0 else ""
        )
