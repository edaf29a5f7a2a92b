"""Previews are small, quick, and never in the way."""

from __future__ import annotations

import json
import sys
import types
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.step.sdk.orchest.previews import MAX_BYTES, preview


def test_a_frame() -> None:
    seen = preview(pd.DataFrame({"a": [1, 2], "b": ["x", None], "t": pd.to_datetime(["2020-01-02", None])}))
    assert (seen["type"], seen["shape"], seen["length"]) == ("pandas.DataFrame", [2, 3], 2)
    assert seen["columns"] == ["a", "b", "t"]
    assert seen["dtypes"][0] == "int64"
    assert [row[0] for row in seen["head"]] == ["1", "2"]
    assert seen["head"][0][1:] == ["x", "2020-01-02 00:00:00"]
    assert "index" not in seen


def test_a_frame_with_labels() -> None:
    seen = preview(pd.DataFrame({"a": [1.5, 2.0]}, index=["x", "y"]))
    assert seen["index"] == ["x", "y"]
    assert seen["head"] == [["1.5"], ["2"]]


def test_a_series() -> None:
    seen = preview(pd.Series([1, 2, 3], name="s"))
    assert (seen["shape"], seen["columns"], seen["head"]) == ([3], ["s"], [["1"], ["2"], ["3"]])


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 3), (2, 3, 4), (5, 0, 2)])
def test_arrays_of_any_shape(shape: tuple[int, ...]) -> None:
    seen = preview(np.zeros(shape))
    assert seen["shape"] == list(shape)
    assert seen["dtypes"] == ["float64"]
    assert "no preview" not in seen["text"]


def test_an_arrow_table() -> None:
    table = pa.table({"n": [1, 2], "s": ["a", None]})
    for value in (table, table.to_batches()[0]):
        seen = preview(value)
        assert (seen["shape"], seen["columns"], seen["dtypes"]) == ([2, 2], ["n", "s"], ["int64", "string"])
        assert seen["head"] == [["1", "a"], ["2", "None"]]


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        (5, "int", "5"),
        (None, "NoneType", "None"),
        ("two\nlines", "str", "two\nlines"),
        (b"ab", "bytes", "b'ab'"),
        ([1, "a"], "list", "[1, 'a']"),
        ({1}, "set", "{1}"),
        (set(), "set", "set()"),
        (10**2000, "int", "<int of 6644 bits>"),
        (np.float32(1.5), "numpy.float32", "1.5"),
        (print, "builtin_function_or_method", "<builtin_function_or_method print>"),
    ],
)
def test_plain_values(value: object, kind: str, text: str) -> None:
    seen = preview(value)
    assert (seen["type"], seen["text"]) == (kind, text)


def test_a_dict_is_a_table_of_its_items() -> None:
    seen = preview({"accuracy": 0.5, "model": [1]})
    assert seen["head"] == [["accuracy", "float", "0.5"], ["model", "list", "[1]"]]
    assert seen["length"] == 2


class Slow:
    """A class whose own methods must not be asked."""

    def __init__(self) -> None:
        self.size = 3

    def __repr__(self) -> str:
        raise AssertionError("its repr was called")

    __str__ = __repr__


@pytest.mark.parametrize("value", [Slow(), [Slow()], {"a": Slow()}, (Slow(),), np.array([Slow()], dtype=object)])
def test_a_users_repr_is_never_called(value: object) -> None:
    assert "no preview" not in str(preview(value)["text"])


def test_a_users_instance_shows_its_attributes() -> None:
    assert preview(Slow())["text"].endswith("Slow(size=3)")


class Tensor:
    shape = (2, 3)
    dtype = "torch.float32"


def test_something_like_a_tensor() -> None:
    seen = preview(Tensor())
    assert (seen["shape"], seen["dtypes"]) == ([2, 3], ["torch.float32"])


class Hostile:
    @property
    def shape(self) -> Any:
        raise RuntimeError("no")

    @property
    def __dict__(self) -> Any:  # type: ignore[override]
        raise RuntimeError("no")


def test_a_preview_that_fails_says_so() -> None:
    assert preview(Hostile())["text"] == "(no preview: RuntimeError)"


WIDE = pd.DataFrame([["ü" * 500] * 300] * 50, columns=["c" * 300 + str(n) for n in range(300)])
BIG = [
    WIDE,
    "x" * 10_000_000,
    "\n" * 10_000,
    {f"k{n}" * 100: "v" * 1000 for n in range(10_000)},
    [["y" * 1000] * 1000] * 1000,
    bytes(10_000_000),
    list(range(1_000_000)),
    {n: {m: {"deep": [m] * 100} for m in range(100)} for n in range(100)},
    np.array([["ü" * 5000] * 100] * 100),
    pa.table({f"c{n}": ["z" * 5000] * 30 for n in range(200)}),
    np.zeros((2,) * 20),
]


@pytest.mark.parametrize("value", BIG, ids=lambda value: type(value).__name__)
def test_previews_are_small(value: object) -> None:
    seen = preview(value)
    assert len(json.dumps(seen)) <= MAX_BYTES
    assert seen["text"]
    assert "no preview" not in seen["text"]


class Counting(dict):  # type: ignore[type-arg]
    """Counts how many of its items are looked at."""

    looked_at = 0

    def items(self) -> Any:
        for pair in super().items():
            Counting.looked_at += 1
            yield pair


def test_only_the_beginning_is_looked_at() -> None:
    preview(Counting({n: n for n in range(100_000)}))
    assert 0 < Counting.looked_at < 100


json_like = st.recursive(
    st.one_of(st.none(), st.floats(), st.integers(), st.text(), st.binary()),
    lambda inner: st.one_of(
        st.lists(inner), st.dictionaries(st.text(), inner), st.tuples(inner), st.frozensets(st.text())
    ),
)


@given(value=json_like)
@settings(deadline=None, max_examples=100)
def test_any_value_has_a_preview_of_strings_and_numbers(value: object) -> None:
    seen = preview(value)
    assert json.loads(json.dumps(seen, allow_nan=False)) == seen
    assert len(json.dumps(seen)) <= MAX_BYTES


class Figure:
    """As much of a matplotlib figure as a picture needs; ten pixels of a square as wide cost it a byte."""

    dpi = 100.0

    def __init__(self, points: int = 10) -> None:
        line = types.SimpleNamespace(get_xdata=lambda orig: range(points))
        self.axes = [types.SimpleNamespace(lines=[line], images=[], patches=[], collections=[])]
        self.widths: list[int] = []

    def get_size_inches(self) -> tuple[float, float]:
        return 6.0, 4.0

    def savefig(self, stream: Any, format: str, dpi: float) -> None:  # noqa: A002
        width = round(dpi * 6)
        self.widths.append(width)
        stream.write(b"\x89PNG" + bytes(width * width // 10))


@pytest.fixture
def figures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", types.SimpleNamespace(Figure=Figure))  # type: ignore[arg-type]


def test_a_figure_is_drawn_ever_smaller_until_it_fits(figures: None) -> None:
    figure = Figure()
    seen = preview(figure)
    assert figure.widths == [480, 386]
    assert len(seen["png"]) <= 24 * 1024
    assert seen["text"] == "figure of 6 x 4 inches, 1 plot"


def test_a_figure_with_too_much_in_it_is_not_drawn(figures: None) -> None:
    figure = Figure(points=10_000_000)
    seen = preview(figure)
    assert figure.widths == []
    assert "png" not in seen


def test_a_real_figure() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots()
    axes.plot(range(100))
    axes.scatter(range(10), range(10))
    seen = preview(figure)
    assert seen["png"].startswith("iVBORw0KGgo")
