"""Whatever a step says about its value, what is kept is small, plain JSON."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.cache.sanitise import MAX_PREVIEW_BYTES, sanitise_preview

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.characters(categories=["Cs", "Cc", "Cf"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5), max_leaves=30
)
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + b"x" * 20).decode()


def texts(value):
    """Yield every text of a JSON value, keys among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        yield from value
        for item in value.values():
            yield from texts(item)


@given(st.dictionaries(st.sampled_from(["type", "text", "head", "png", "columns", "\x1b[2Jodd"]), VALUES))
def test_what_is_kept_is_json_without_control_characters(preview):
    kept = sanitise_preview(preview)
    assert json.loads(json.dumps(kept, allow_nan=False)) == kept
    for text in texts(kept):
        text.encode()
        assert all(char == "\n" or (ord(char) >= 32 and not 0x7F <= ord(char) < 0xA0) for char in text)


def test_an_ordinary_preview_stays_as_it_is():
    preview = {
        "type": "pandas.core.frame.DataFrame",
        "text": "2 rows\nof data",
        "shape": [2, 2],
        "columns": ["a", "größe"],
        "dtypes": {"a": "int64", "größe": "float64"},
        "head": [["1", "0.5"], ["2", ""]],
        "bytes": 640,
        "png": PNG,
    }
    assert sanitise_preview(preview) == preview


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("\x1b]0;title\x07plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x9b2Jb\x00c", "a2Jbc"),
        ("right\u202eleft", "rightleft"),
        ("half \ud83d pair", "half ? pair"),
    ],
)
def test_control_sequences_go(given_text, kept):
    assert sanitise_preview({"text": given_text}) == {"text": kept}


@pytest.mark.parametrize("preview", [None, [], "text", 3, [("type", "x")]])
def test_what_is_no_mapping_is_nothing(preview):
    assert sanitise_preview(preview) == {}


def test_too_much_is_cut_from_the_least_worthy_end():
    rows = [["x" * 100] * 10] * 1000
    kept = sanitise_preview({"png": PNG, "head": rows, "text": "y" * 10_000, "type": "big", "shape": [1000, 10]})
    assert kept == {"type": "big", "shape": [1000, 10], "text": "y" * 10_000, "png": PNG}
    assert sanitise_preview({"type": "z" * 10_000_000}) == {}


@given(st.dictionaries(st.text(max_size=20), st.text() | st.lists(st.text(min_size=500, max_size=900), max_size=60)))
def test_the_size_is_bounded(preview):
    assert len(json.dumps(sanitise_preview(preview))) <= MAX_PREVIEW_BYTES


def test_depth_is_bounded():
    deep = []
    for _ in range(50_000):
        deep = [deep]
    kept = json.dumps(sanitise_preview({"head": deep}))
    assert kept.count("[") < 10


@pytest.mark.parametrize("png", ["", "AAAA", "iVBORw0KGgo\x1b", 7, "iVBORw0KGgo" + "A" * MAX_PREVIEW_BYTES])
def test_a_picture_that_is_none_goes(png):
    assert sanitise_preview({"png": png, "type": "Figure"}) == {"type": "Figure"}
