"""A notebook as lines, whatever stands in its file."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from orchest_tui.engine.state import CellView
from orchest_tui.ui.detail import notebook_book, notebook_reduced
from orchest_tui.ui.detail.markdown import markdown_lines
from orchest_tui.ui.detail.notebook_book import Book, read_book
from orchest_tui.ui.detail.notebook_lines import Page, Rendering, notebook_page
from orchest_tui.ui.gutter import said
from orchest_tui.ui.pictures import Gallery, PictureLine
from tests.ui.pictures.test_half_blocks import RED, png

RENDERING = Rendering(60, 20, "monokai", unicode=True, gallery=Gallery())


def code(source: str, *outputs: dict[str, Any], count: int | None = None, **keys: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": [*outputs], "execution_count": count, **keys}


def stream(text: str, name: str = "stdout") -> dict[str, Any]:
    return {"output_type": "stream", "name": name, "text": text}


def data(**bundle: Any) -> dict[str, Any]:
    return {"output_type": "display_data", "data": {key.replace("_", "/"): value for key, value in bundle.items()}}


def book_of(tmp_path: Path, *cells: Any, **keys: Any) -> Book:
    file = tmp_path / "book.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "metadata": {}, "cells": [*cells], **keys}))
    return read_book(file)


def page_of(
    tmp_path: Path, *cells: Any, views: dict[int, CellView] | None = None, running: bool = False
) -> tuple[Page, list[str]]:
    page = notebook_page(book_of(tmp_path, *cells), views or {}, RENDERING, running=running)
    return page, [line.plain.rstrip() for line in page.lines]


def test_cells_and_outputs(tmp_path: Path) -> None:
    page, lines = page_of(
        tmp_path,
        {"cell_type": "markdown", "source": ["# Title\n", "words"]},
        code("a = 1\nprint(a)", stream("1\n"), stream("oh\n", "stderr"), count=12),
        code("later"),
    )
    assert lines == [
        "Title", "words", "",
        "[12] a = 1", "     print(a)", "     1", " !   oh", "",
        "[ ]  later",
    ]  # fmt: skip
    assert page.starts == [0, 3, 8]
    assert said(page.lines[3]) == "a = 1"


def test_colours_stay_and_everything_else_is_harmless(tmp_path: Path) -> None:
    text = "\x1b[31mred\x1b[0m \x1b]0;title\x07\x1b[2Jx\rRED"
    _, lines = page_of(tmp_path, code("x", stream(text), count=1))
    assert lines[1] == "    RED x"
    page, lines = page_of(tmp_path, code("x", stream("\x1b[31mred\x1b[0m plain"), count=1))
    assert lines[1] == "    red plain"
    assert any("red" in str(span.style) for span in page.lines[1].spans)
    assert all("\x1b" not in line and "\x07" not in line for line in lines)


def test_the_richest_form_that_can_be_shown(tmp_path: Path) -> None:
    picture = base64.b64encode(png([RED * 8] * 8, 8)).decode()
    page, _ = page_of(tmp_path, code("x", data(image_png=picture, text_plain="<Figure>"), count=1))
    assert [type(line) for line in page.lines[1:]] == [PictureLine] * 4
    _, lines = page_of(tmp_path, code("x", data(text_plain="plain", text_html="<b>html</b>")))
    assert lines[1:] == ["    plain"]
    page_html = "<style>p {}</style><table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>&lt;tag&gt;"
    _, lines = page_of(tmp_path, code("x", data(text_html=page_html)))
    assert lines[1:] == ["    a  b", "    c", "    <tag>"]
    _, lines = page_of(tmp_path, code("x", {"output_type": "display_data", "data": {"application/vnd.x": {}}}))
    assert lines[1:] == ["    (application/vnd.x)"]


def test_states_of_cells(tmp_path: Path) -> None:
    error = {
        "output_type": "error",
        "ename": "KeyError",
        "evalue": "'a'",
        "traceback": ["\x1b[31mTraceback\x1b[0m", "K"],
    }
    cells = [code("ok"), code("skip", metadata={"tags": ["skip"]}), code("bad", error), code("now"), code("then")]
    views = {
        0: CellView("ok", 1.0, 2.1), 1: CellView("skipped", 1.0), 2: CellView("error", 1.0, 0.5),
        3: CellView("running", 1.0),
    }  # fmt: skip
    page, lines = page_of(tmp_path, *cells, views=views, running=True)
    assert lines[1] == "    ✔ 2.1 s"
    assert "⊘ skipped" in lines[4]
    assert lines[7:10] == ["    ✘ failed after 500 ms", "    Traceback", "    K"]
    assert page.errors == [6]
    assert page.running == 3
    assert lines[page.starts[3]] == "[*] now"
    assert page.state is not None
    assert "● running" in lines[page.state]
    page, lines = page_of(tmp_path, *cells, views=views, running=False)
    assert page.running is None
    assert "    ⊘ stopped" in lines


def test_a_long_output_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    _, lines = page_of(tmp_path, code("x", stream("".join(f"{n}\n" for n in range(100_000)))))
    assert len(lines) < 500
    assert lines[1] == "    0"
    assert lines[-1] == "    99999"
    assert any("99,600 lines" in line for line in lines)


def test_a_large_file_is_reduced_by_a_process_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [code("first", stream("x" * 3_000_000)), {"cell_type": "markdown", "source": "last \ud800"}]
    outside = book_of(tmp_path, *cells)
    monkeypatch.setattr(notebook_book, "_LARGE", 1 << 40)
    assert read_book(tmp_path / "book.ipynb") == outside
    assert outside.cells[1].source == "last ?"
    assert len(outside.cells[0].outputs[0].text) < 2 * notebook_reduced.MOST_TEXT


def test_pictures_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_reduced, "MOST_PICTURES", 2000)
    _, lines = page_of(tmp_path, *(code("x", data(image_png="A" * 900)) for _ in range(3)))
    assert sum("(a picture of" in line for line in lines) == 1


def test_too_many_cells_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebook_reduced, "MOST_CELLS", 2)
    _, lines = page_of(tmp_path, *(code(str(n)) for n in range(5)))
    assert lines[-1] == "(and 3 more cells)"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no JSON"),
        (b"{}", "no notebook"),
        (b"[1]", "no notebook"),
        (b'{"cells": 3}', "no notebook"),
        (b'{"worksheets": []}', "format 3"),
        (b'{"cells": []}', "no cells"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 200_000, "no JSON"),
        (b'{"cells": ' + b"9" * 5000 + b"}", "no JSON"),
    ],
)
def test_what_is_no_notebook_is_told(tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "book.ipynb"
    file.write_bytes(content)
    [line] = notebook_page(read_book(file), {}, RENDERING, running=False).lines
    assert told in line.plain


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    assert "can't be read" in read_book(tmp_path / "none.ipynb").problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@given(st.data())
def test_no_notebook_is_a_crash(drawn: st.DataObject) -> None:
    def some(*good: Any) -> Any:
        return drawn.draw(st.sampled_from(good) | JSON)

    mime = drawn.draw(st.sampled_from(["image/png", "text/html", "text/plain", "text/markdown", "application/json"]))
    bundle = some({mime: some("AAAA", ["<p>", "x"])})
    output = some(
        {"output_type": some("stream", "error", "display_data"), "data": bundle, "text": some("x"),
         "traceback": some(["a", 3]), "ename": some("E"), "name": some("stderr")}
    )  # fmt: skip
    cell = some(
        {"cell_type": some("code", "markdown"), "source": some("x", ["a", 4]), "outputs": some([output]),
         "execution_count": some(1, -1, True), "metadata": some({"tags": some(["skip", 3])})}
    )  # fmt: skip
    document = some({"cells": some([cell, cell]), "metadata": some({"kernelspec": some({"language": some("python")})})})
    reduced = notebook_reduced.reduced(document)
    json.dumps(reduced).encode()
    page = notebook_page(notebook_book._book(reduced), {0: CellView("running", 0.0)}, RENDERING, running=True)
    for line in page.lines:
        line.plain.encode()
        assert "\n" not in line.plain


# -- Markdown -------------------------------------------------------------------------------------------------------


def uncoloured(source: str, language: str) -> list[Text]:
    return [Text(line) for line in source.split("\n")]


def markdown(text: str, width: int = 30) -> list[str]:
    return [line.plain for line in markdown_lines(text, width, uncoloured)]


def test_markdown() -> None:
    assert markdown("## Head ##\nsome **bold** and *weak* `code`\n\n- one\n  - two\n1. three") == [
        "Head", "some bold and weak code", "", "• one", "  • two", "1. three",
    ]  # fmt: skip
    assert markdown("```python\nx = 1\n\ny\n```\nafter") == ["  x = 1", "  ", "  y", "after"]
    assert markdown("> said\n\n---\n[text](http://x)\n![plot](a.png)", 40) == [
        "│ said", "", "─" * 40, "text (http://x) (picture: plot)",
    ]  # fmt: skip


def test_markdown_leaves_what_it_does_not_know() -> None:
    for text in ("2 * 3 * 4", "snake_case_name", "| a | b |", "$x^2$", "<b>", "a_b_c", "**", "[x]"):
        assert markdown(text) == [text]


def test_paragraphs_are_wrapped_and_lists_are_indented() -> None:
    lines = markdown("word " * 20 + "\n\n- " + "item " * 12)
    assert all(len(line) <= 30 for line in lines)
    assert [line[:2] for line in lines[lines.index("") + 1 :]] == ["• ", "  "] + ["  "] * (
        len(lines) - lines.index("") - 3
    )


@given(st.text(max_size=60), st.integers(8, 40))
def test_any_markdown_is_lines(text: str, width: int) -> None:
    for line in markdown(text, width):
        assert "\n" not in line
