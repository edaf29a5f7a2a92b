"""What travels, how, and that it comes back as it was."""

from __future__ import annotations

import decimal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from orchest_tui.step.sdk.orchest import strings
from orchest_tui.step.sdk.orchest.pickling import dump
from orchest_tui.step.sdk.orchest.segment import read_header, read_segment, write_segment


@pytest.fixture
def trip(tmp_path: Path) -> Any:
    """Return a function that writes a value and reads it again."""

    def there_and_back(value: object) -> Any:
        write_segment(value, tmp_path / "x.seg")
        return read_segment(tmp_path / "x.seg")

    there_and_back.kinds = lambda: [  # type: ignore[attr-defined]
        part["kind"] for part in read_header(tmp_path / "x.seg")["parts"]
    ]
    return there_and_back


def read_only(array: Any) -> Any:
    array.flags.writeable = False
    return array


ARRAYS = {
    "empty": np.zeros(0),
    "no rows": np.zeros((0, 5), dtype="f4"),
    "scalar": np.array(3.5),
    "read-only scalar": read_only(np.array(3.5)),
    "small read-only": read_only(np.arange(10)),
    "large read-only": read_only(np.arange(10_000)),
    "read-only Fortran": read_only(np.asfortranarray(np.arange(10_000).reshape(100, 100))),
    "over bytes": np.frombuffer(bytes(range(256)) * 100, dtype=np.uint8),
    "every other": np.arange(20_000)[::2],
    "backwards": np.arange(20_000)[::-1],
    "column": np.arange(40_000).reshape(200, 200)[:, 3:90],
    "transposed": np.arange(40_000).reshape(100, 400).T,
    "broadcast": np.broadcast_to(np.arange(100), (100, 100)),
    "big-endian": np.arange(10_000, dtype=">i4"),
    "complex": np.arange(10_000, dtype=complex),
    "bool": np.arange(10_000) % 3 == 0,
    "text": np.array(["ab", "ü" * 7] * 3000),
    "dates": np.arange(10_000).astype("M8[s]"),
    "read-only dates": read_only(np.arange(10_000).astype("m8[ms]")),
    "dates, every other": np.arange(20_000).astype("M8[ns]")[::2],
    "records": np.zeros(3000, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True)),
    "read-only records": read_only(np.ones(3000, dtype=np.dtype([("a", "i1"), ("b", "f8")], align=True))),
    "mixed objects": np.array([1, "a", None, 2.5] * 1000, dtype=object),
}


@pytest.mark.parametrize("array", ARRAYS.values(), ids=ARRAYS.keys())
def test_arrays_come_back_equal_and_writable(array: Any, trip: Any) -> None:
    back = trip(array)
    assert back.dtype == array.dtype
    assert back.shape == array.shape
    assert np.array_equal(back, array)
    if array.size:
        assert back.flags.writeable


@pytest.mark.parametrize(
    "name", ["large read-only", "every other", "dates", "dates, every other", "records", "transposed"]
)
def test_big_arrays_travel_beside_the_stream(name: str) -> None:
    stream, *buffers = dump(ARRAYS[name])
    assert [part.kind for part in buffers] == ["buffer"]
    assert stream.length < 1000


def test_a_producers_read_only_array_stays_as_it_was() -> None:
    array = read_only(np.arange(10_000))
    dump(array)
    assert not array.flags.writeable


def test_contents_of_an_array_are_not_copied() -> None:
    array = np.arange(10_000)
    (piece,) = dump(array)[1].pieces
    array[0] = 77
    assert np.frombuffer(piece, array.dtype)[0] == 77


def test_the_same_array_twice_is_one_array(trip: Any) -> None:
    array = np.arange(10_000)
    one, other, view = trip([array, array, array[:5000]])
    assert one is other
    assert np.array_equal(view, array[:5000])
    assert trip.kinds() == ["pickle", "buffer", "buffer"]


def test_many_small_arrays_are_no_parts_of_their_own(trip: Any) -> None:
    back = trip([np.arange(n % 50) for n in range(3000)])
    assert all(np.array_equal(array, np.arange(n % 50)) for n, array in enumerate(back))
    assert trip.kinds() == ["pickle"]


def test_bytes_are_bytes(trip: Any) -> None:
    value = [b"", b"x" * 100_000, bytearray(b"y" * 100_000)]
    back = trip(value)
    assert back == value
    assert [type(one) for one in back] == [bytes, bytes, bytearray]


FRAMES = {
    "numbers": pd.DataFrame({"a": np.arange(3000), "b": np.arange(3000) / 7}),
    "strings": pd.DataFrame({"a": pd.Series([f"t{n}" for n in range(3000)], dtype=object), "n": range(3000)}),
    "two string columns": pd.DataFrame({c: pd.Series(["a", None, "ü"] * 900, dtype=object) for c in "xy"}),
    "string index": pd.DataFrame({"a": range(2000)}, index=pd.Index([f"i{n}" for n in range(2000)], dtype=object)),
    "mixed": pd.DataFrame({"a": pd.Series(["x", decimal.Decimal("1.5"), float("nan")] * 700, dtype=object)}),
    "arrow": pd.DataFrame({"a": pd.Series(["x", None] * 1500, dtype="string[pyarrow]")}),
    "arrow numbers": pd.DataFrame({"a": pd.Series([1, None] * 1500, dtype="int64[pyarrow]")}),
    "default strings": pd.DataFrame({"a": ["x", "yy"] * 1500}),
    "times": pd.DataFrame({"t": pd.date_range("2020", periods=3000, tz="Europe/Berlin")}),
    "categories": pd.DataFrame({"c": pd.Categorical(["a", "b", "a"] * 1000)}),
    "many indices": pd.DataFrame({"v": range(2000)}, index=pd.MultiIndex.from_product([range(20), range(100)])),
    "empty": pd.DataFrame(),
}


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES.keys())
def test_frames_come_back_as_they_were(frame: pd.DataFrame, trip: Any) -> None:
    back = trip(frame)
    pd.testing.assert_frame_equal(back, frame)
    for name in frame.columns:
        if frame[name].dtype == object:
            assert [type(cell) for cell in back[name]] == [type(cell) for cell in frame[name]]


def test_a_frame_from_read_only_memory_can_be_changed(trip: Any) -> None:
    back = trip(pd.DataFrame(read_only(np.arange(20_000.0).reshape(10_000, 2))))
    back.iloc[0, 0] = -1.0
    back[1] += 1
    assert (back.iloc[0, 0], back.iloc[0, 1]) == (-1.0, 2.0)


class Name(str):
    __slots__ = ()


STRINGS: dict[str, tuple[list[Any], bool]] = {
    "exact": ([f"text {n} ü \0" for n in range(2000)], True),
    "empty": ([""] * 2000, True),
    "with None": (["a", None] * 1000, True),
    "only None": ([None] * 2000, True),
    "few": (["a"] * 999, False),
    "a subclass": (["a"] * 1999 + [Name("b")], False),
    "a numpy string": (["a"] * 1999 + [np.str_("b")], False),
    "NaN": (["a"] * 1999 + [float("nan")], False),
    "NA": (["a"] * 1999 + [pd.NA], False),
    "a number": (["a"] * 1999 + [1], False),
    "a lone surrogate": (["a"] * 1999 + ["\ud800"], False),
    "bytes": (["a"] * 1999 + [b"b"], False),
}


@pytest.mark.parametrize(("elements", "as_arrow"), STRINGS.values(), ids=STRINGS.keys())
@pytest.mark.parametrize("with_arrow", [True, False], ids=["pyarrow", "no pyarrow"])
def test_strings_come_back_as_they_were(
    elements: list[Any], as_arrow: bool, with_arrow: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    array = np.empty(len(elements), dtype=object)
    array[:] = elements
    write_segment(array, tmp_path / "x.seg")
    kinds = [part["kind"] for part in read_header(tmp_path / "x.seg")["parts"]]
    assert ("arrow" in kinds) is as_arrow
    if not with_arrow:
        monkeypatch.setitem(sys.modules, "pyarrow", None)
    back: Any = read_segment(tmp_path / "x.seg")
    assert back.dtype == object
    assert back.flags.writeable
    assert [type(one) for one in back] == [type(one) for one in elements]
    assert all(
        one is other or one == other or one is pd.NA or np.isnan(one) for one, other in zip(back, elements, strict=True)
    )


def test_strings_travel_where_pyarrow_can_not_be_imported(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    array = np.array([f"name {n}" for n in range(300_000)], dtype=object)
    write_segment(array, tmp_path / "x.seg")
    assert [part["kind"] for part in read_header(tmp_path / "x.seg")["parts"]] == ["pickle"]
    assert np.array_equal(read_segment(tmp_path / "x.seg"), array)


@pytest.mark.parametrize("order", ["C", "F"])
def test_strings_keep_shape_and_order(order: Any, trip: Any) -> None:
    array = np.array([[f"{row},{column}" for column in range(50)] for row in range(60)], dtype=object, order=order)
    back = trip(array)
    assert np.array_equal(back, array)
    assert back.flags.c_contiguous == array.flags.c_contiguous
    assert np.array_equal(trip(array[::2, ::3]), array[::2, ::3])


def test_arrow_tables_are_mapped_and_slices_do_not_drag_their_parent_along(trip: Any) -> None:
    table = pa.table({"n": np.arange(100_000), "s": [f"x{n}" for n in range(100_000)]})
    assert trip(table).equals(table)
    assert dump(table)[0].length < 5000
    piece = table.slice(500, 10)
    assert trip(piece).equals(piece)
    assert sum(part.length for part in dump(piece)) < 10_000
    batch = table.to_batches()[0]
    assert trip(batch).equals(batch)
    assert trip(batch.slice(3, 2)).equals(batch.slice(3, 2))
    assert trip(table.slice(0, 0)).equals(table.slice(0, 0))


def test_a_mapped_table_copies_nothing(tmp_path: Path) -> None:
    write_segment(pa.table({"n": np.arange(100_000)}), tmp_path / "x.seg")
    before = pa.total_allocated_bytes()
    table: Any = read_segment(tmp_path / "x.seg")
    assert table.nbytes == 800_000
    assert pa.total_allocated_bytes() - before < 10_000


def run_script(folder: Path, name: str, code: str, **environment: str) -> str:
    """Run a script as a step would be run and return what it prints."""
    sdk = Path(strings.__file__).parent.parent
    (folder / name).write_text(textwrap.dedent(code))
    result = subprocess.run(
        [sys.executable, name],
        cwd=folder,
        env={"PYTHONPATH": str(sdk), "PATH": "/usr/bin:/bin", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_what_a_script_defines_travels_to_another(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text("class Known:\n    def __eq__(self, other): return type(other) is Known\n")
    run_script(
        tmp_path,
        "one.py",
        """
        import enum
        import helper
        from dataclasses import dataclass
        from orchest.segment import write_segment

        FACTOR = 3

        @dataclass
        class Point:
            x: int
            def scaled(self): return Point(self.x * FACTOR)

        class Colour(enum.Enum):
            RED = 1

        def adder(n):
            return lambda x: x + n

        write_segment([Point(2), Colour.RED, adder(5), lambda x: x * FACTOR, helper.Known(), Point], "x.seg")
        """,
    )
    printed = run_script(
        tmp_path,
        "two.py",
        """
        from orchest.segment import read_segment
        point, colour, add, times, known, kind = read_segment("x.seg")
        import helper
        print(point.scaled().x, colour.name, add(1), times(4), known == helper.Known(), kind(9).x)
        """,
    )
    assert printed == "6 RED 6 12 True 9\n"


CLASSES = """
from orchest.segment import read_header, write_segment

class Point:
    def __init__(self, x): self.x = x

def make(n):
    class Made:
        number = n
    return Made

write_segment([Point(1), make(1)(), make(2)(), Point(2), lambda: Point], "x.seg")
content = open("x.seg", "rb").read()
print([content[part["offset"] :][: part["length"]] for part in read_header("x.seg")["parts"]])
"""


def test_the_same_script_gives_the_same_bytes(tmp_path: Path) -> None:
    first = run_script(tmp_path, "one.py", CLASSES, ORCHEST_STEP_UUID="s", PYTHONHASHSEED="1")
    assert run_script(tmp_path, "one.py", CLASSES, ORCHEST_STEP_UUID="s", PYTHONHASHSEED="2") == first
    assert run_script(tmp_path, "one.py", CLASSES, ORCHEST_STEP_UUID="t", PYTHONHASHSEED="2") != first
    printed = run_script(
        tmp_path,
        "two.py",
        """
        from orchest.segment import read_segment
        a, b, c, d, point = read_segment("x.seg")
        print(type(a) is type(d) is point(), type(b) is type(c), b.number, c.number)
        """,
    )
    assert printed == "True False 1 2\n"


def test_a_class_of_the_host_package_is_found_in_a_step(tmp_path: Path) -> None:
    array = np.array([f"x{n}" for n in range(2000)], dtype=object)
    write_segment(array, tmp_path / "x.seg")
    printed = run_script(
        tmp_path, "one.py", "from orchest.segment import read_segment\nprint(read_segment('x.seg')[1999])"
    )
    assert printed == "x1999\n"
