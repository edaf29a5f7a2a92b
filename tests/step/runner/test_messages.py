"""Lines, JSON and their limits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.execution import protocol
from orchest_tui.step.runner import messages


@given(st.lists(st.binary(max_size=20).map(lambda line: line.replace(b"\n", b" "))), st.integers(1, 7))
def test_lines_come_out_whole_however_they_come_in(lines: list[bytes], size: int) -> None:
    stream = b"".join(line + b"\n" for line in lines)
    buffer = messages.LineBuffer()
    got = [line for start in range(0, len(stream), size) for line in buffer.feed(stream[start : start + size])]
    assert got == lines


@given(st.text())
def test_any_text_reaches_the_engine(text: str) -> None:
    decoded = protocol.decode(messages.encode(messages.Progress(text=text + "\ud800")))
    assert isinstance(decoded, protocol.Progress)
    assert decoded.text == text.encode("utf-8", "replace").decode() + "?"


def test_a_line_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(ValueError, match="bytes"):
        messages.encode(messages.Progress(text="x" * messages.MAX_LINE_BYTES))


@pytest.mark.parametrize("line", [b"", b"{", b"[]", b"{}", b'{"type": 3}', b"\xff\xfe", b"[" * 100_000])
def test_what_is_no_message_is_an_error(line: bytes) -> None:
    with pytest.raises(messages.MessageError):
        messages.decode_object(line)
