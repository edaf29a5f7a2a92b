"""The step tree as data: which rows are shown, with what in front, after folding and filtering. No widgets."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from orchest_tui.graph.tree import TreeRow, project_tree


@dataclass(frozen=True, slots=True)
class Guides:
    """The characters that draw the tree, two cells each."""

    branch: str = "├─"
    last: str = "└─"
    line: str = "│ "
    gap: str = "  "


UNICODE_GUIDES = Guides()
ASCII_GUIDES = Guides("|-", "`-", "| ", "  ")


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One row as it is shown.

    Attributes:
        step: The step's uuid.
        guides: What is drawn before the step.
        further: Its parents other than the one it stands under.
        folded: How many rows are folded away below it.
        children: Whether there are rows below it at all.
    """

    step: str
    guides: str
    further: tuple[str, ...]
    folded: int
    children: bool


class Outline:
    """A pipeline's graph as a list of rows.

    Args:
        parents: Step → parents in connection order.
        guides: The characters that draw it.
    """

    def __init__(self, parents: Mapping[str, Sequence[str]], guides: Guides = UNICODE_GUIDES) -> None:
        self._tree = project_tree(parents)
        self._guides = guides
        self._by_step = {row.step: row for row in self._tree}

    def __contains__(self, step: str) -> bool:
        return step in self._by_step

    def parent(self, step: str) -> str | None:
        """Return the step under which ``step`` stands."""
        return self._by_step[step].first_parent

    def first_child(self, step: str) -> str | None:
        """Return the first step that stands under ``step``."""
        return next((row.step for row in self._tree if row.first_parent == step), None)

    def has_children(self, step: str) -> bool:
        """Return whether steps stand under ``step``."""
        return self._by_step[step].has_children

    def rows(self, folded: Collection[str], fits: Callable[[str], bool] | None = None) -> list[OutlineRow]:
        """Return the rows that are shown.

        Args:
            folded: Steps whose children are folded away.
            fits: Whether a step matches the filter; with one, the matching steps alone are shown, without a tree.
        """
        if fits is not None:
            return [
                OutlineRow(row.step, "", row.further_parents, 0, row.has_children)
                for row in self._tree
                if fits(row.step)
            ]
        shown: list[OutlineRow] = []
        lines: list[str] = []
        hidden_below: int | None = None
        for row in self._tree:
            if hidden_below is not None and row.depth > hidden_below:
                shown[-1] = _one_more_folded(shown[-1])
                continue
            hidden_below = row.depth if row.step in folded and row.has_children else None
            del lines[max(0, row.depth - 1) :]
            shown.append(OutlineRow(row.step, self._in_front(row, lines), row.further_parents, 0, row.has_children))
            if row.depth:
                lines.append(self._guides.gap if row.last_child else self._guides.line)
        return shown

    def _in_front(self, row: TreeRow, lines: Sequence[str]) -> str:
        if not row.depth:
            return ""
        return "".join(lines) + (self._guides.last if row.last_child else self._guides.branch)


def _one_more_folded(row: OutlineRow) -> OutlineRow:
    return OutlineRow(row.step, row.guides, row.further, row.folded + 1, row.children)


def matches(pattern: str, text: str) -> bool:
    """Return whether the letters of ``pattern`` occur in ``text`` in their order; case and spaces don't count."""
    letters = iter(text.casefold())
    return all(letter in letters for letter in pattern.casefold() if not letter.isspace())


def fitting(pattern: str, names: Mapping[str, Sequence[str]]) -> set[str]:
    """Return whose names contain ``pattern``; where none does, whose names have its letters in their order."""
    typed = pattern.casefold()
    found = {key for key, each in names.items() if any(typed in name.casefold() for name in each)}
    return found or {key for key, each in names.items() if any(matches(pattern, name) for name in each)}
