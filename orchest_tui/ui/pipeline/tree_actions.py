"""What the step tree's commands do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orchest_tui.graph.order import ancestors, descendants

if TYPE_CHECKING:
    from orchest_tui.project.definition import Pipeline
    from orchest_tui.ui.pipeline.tree import StepTree


class TreeController:
    """Performs the commands ``tree.*`` and ``move.*`` on a tree.

    Args:
        tree: The tree.

    Attributes:
        pipeline: The definition that it shows, None before there is one.
    """

    def __init__(self, tree: StepTree) -> None:
        self._tree = tree
        self._anchor: str | None = None
        self.pipeline: Pipeline | None = None

    def command_down(self) -> None:
        """One row down."""
        self._tree.move_by(1)

    def command_up(self) -> None:
        """One row up."""
        self._tree.move_by(-1)

    def command_top(self) -> None:
        """To the first row."""
        self._tree.move_by(-len(self._tree.rows))

    def command_bottom(self) -> None:
        """To the last row."""
        self._tree.move_by(len(self._tree.rows))

    def command_half_down(self) -> None:
        """Half a page down."""
        self._tree.move_by(max(1, self._tree.size.height // 2))

    def command_half_up(self) -> None:
        """Half a page up."""
        self._tree.move_by(-max(1, self._tree.size.height // 2))

    def command_mark(self) -> None:
        """Change the mark under the cursor and go on to the next row."""
        tree = self._tree
        if tree.cursor is not None:
            tree.mark([tree.cursor], on=tree.cursor not in tree.marked)
            tree.move_by(1, marking=True)

    def command_range(self) -> None:
        """Begin a range, or mark it."""
        tree = self._tree
        shown = [row.step for row in tree.rows]
        if self._anchor not in shown or tree.cursor is None:
            self._anchor = tree.cursor
            tree.notify("The range begins here; v again at its end.", timeout=3)
            return
        first, last = sorted((shown.index(self._anchor), shown.index(tree.cursor)))
        tree.mark(shown[first : last + 1])
        self._anchor = None

    def command_mark_all(self) -> None:
        """Mark every row, or none."""
        shown = {row.step for row in self._tree.rows}
        self._tree.mark(shown, on=not shown <= self._tree.marked)

    def command_mark_stale(self) -> None:
        """Mark what is not fresh."""
        self._tree.mark(step for step in self._steps() if not self._tree.step_view(step).fresh)

    def command_mark_failed(self) -> None:
        """Mark what failed."""
        self._tree.mark(step for step in self._steps() if self._tree.step_view(step).status == "FAILURE")

    def command_mark_incoming(self) -> None:
        """Mark everything above the cursor."""
        if self.pipeline and self._tree.cursor:
            self._tree.mark(ancestors(self.pipeline.parents, [self._tree.cursor]))

    def command_mark_below(self) -> None:
        """Mark the step under the cursor and everything below."""
        if self.pipeline and self._tree.cursor:
            self._tree.mark({self._tree.cursor} | descendants(self.pipeline.parents, [self._tree.cursor]))

    def command_fold(self) -> None:
        """Fold, or go to the parent."""
        tree = self._tree
        if tree.cursor is None:
            return
        if tree.outline.has_children(tree.cursor) and tree.cursor not in tree.folded:
            tree.folded.add(tree.cursor)
            tree.rebuild()
        else:
            tree.move_to(tree.outline.parent(tree.cursor) or tree.cursor)

    def command_unfold(self) -> None:
        """Unfold, or go to the first child."""
        tree = self._tree
        if tree.cursor is None:
            return
        if tree.cursor in tree.folded:
            tree.folded.discard(tree.cursor)
            tree.rebuild()
        else:
            tree.move_to(tree.outline.first_child(tree.cursor) or tree.cursor)

    def command_next_match(self) -> None:
        """To the next row of interest."""
        self._jump(1)

    def command_previous_match(self) -> None:
        """To the previous row of interest."""
        self._jump(-1)

    def _jump(self, direction: int) -> None:
        tree = self._tree
        shown = [row.step for row in tree.rows]
        if tree.cursor not in shown:
            return
        start = shown.index(tree.cursor)
        for distance in range(1, len(shown)):
            step = shown[(start + direction * distance) % len(shown)]
            if tree.pattern or tree.step_view(step).fresh is not True:
                tree.move_to(step)
                return

    def _steps(self) -> list[str]:
        return list(self.pipeline.steps) if self.pipeline else []
