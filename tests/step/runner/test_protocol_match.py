"""The runner's messages and the engine's are the same format."""

from __future__ import annotations

import json
import typing

import msgspec
import pytest

from orchest_tui.execution import protocol
from orchest_tui.step.runner import messages

FULL: dict[str, dict[str, object]] = {
    "prepare": {
        "version": 1,
        "kind": "notebook",
        "environ": {"A": "ä"},
        "cwd": "/p",
        "imports": ["numpy"],
        "tools": "/t",
        "language": "r",
        "home": "/h",
    },
    "run": {
        "run": "7",
        "step": "s",
        "file": "/p/x.py",
        "log": "/l",
        "output_dir": "/o",
        "spill_dir": "/s",
        "inputs": [{"step": "p", "title": "P", "outputs": [{"name": "n", "path": "/i", "kind": "legacy"}]}],
        "recycle": ["a.seg"],
        "touch": False,
        "roots": ["/p"],
        "timeout": 3.5,
        "grace": 1.0,
    },
    "abort": {"grace": 0.5, "reason": "because"},
    "ready": {"python": "3.8.1", "imported": ["numpy"], "problem": "none"},
    "started": {"time": 1.5},
    "output": {
        "name": "n",
        "file": "f",
        "bytes": 3,
        "kind": "legacy",
        "serialization": "PICKLE",
        "preview": {"type": "int"},
    },
    "progress": {"fraction": 0.5, "text": "half"},
    "usage": {"time": 3.5, "cpu": 1.25, "memory": 4096},
    "cell": {"index": 1, "count": 2, "status": "ok", "seconds": 0.25},
    "touched": {
        "read": [["/p/a", 1, 2]],
        "written": ["/p/b"],
        "step_parameters": ["x"],
        "pipeline_parameters": ["*"],
        "early_imports": ["numpy"],
        "complete": False,
    },
    "finished": {
        "status": "FAILURE",
        "time": 2.5,
        "exit_code": 1,
        "signal": 9,
        "reason": "r",
        "cpu_seconds": 0.5,
        "max_rss": 4,
    },
}
"""Every field of every message with a value that is not its default."""

OURS = {cls.type: cls for cls in (*messages.ENGINE_MESSAGES, *messages.RUNNER_MESSAGES)}
THEIRS = {
    cls.__struct_config__.tag: cls
    for cls in (*typing.get_args(protocol.EngineMessage), *typing.get_args(protocol.RunnerMessage))
}


def test_both_sides_know_the_same_messages() -> None:
    assert set(OURS) == set(THEIRS) == set(FULL)
    assert messages.PROTOCOL_VERSION == protocol.PROTOCOL_VERSION
    assert messages.MAX_LINE_BYTES == protocol.MAX_LINE_BYTES


@pytest.mark.parametrize("tag", FULL)
def test_fields_and_their_order_are_the_same(tag: str) -> None:
    assert OURS[tag].fields() == THEIRS[tag].__struct_fields__
    assert tuple(FULL[tag]) == THEIRS[tag].__struct_fields__


@pytest.mark.parametrize("tag", FULL)
def test_what_one_side_encodes_the_other_decodes(tag: str) -> None:
    theirs = msgspec.convert({"type": tag, **FULL[tag]}, THEIRS[tag])
    ours = messages.build(OURS[tag], FULL[tag])

    received = messages.build(OURS[tag], messages.decode_object(protocol.encode(theirs)))
    assert received == ours
    assert msgspec.json.decode(messages.encode(ours), type=THEIRS[tag]) == theirs
    assert json.loads(messages.encode(ours)) == json.loads(protocol.encode(theirs))


@pytest.mark.parametrize("tag", FULL)
def test_defaults_are_the_same(tag: str) -> None:
    required = {field.name: FULL[tag][field.name] for field in msgspec.structs.fields(THEIRS[tag]) if field.required}
    theirs = msgspec.convert({"type": tag, **required}, THEIRS[tag])
    ours = messages.build(OURS[tag], required)

    assert messages.decode_object(messages.encode(ours)) == {"type": tag, **required}
    for name in OURS[tag].fields():
        mine, other = getattr(ours, name), msgspec.to_builtins(getattr(theirs, name))
        assert mine == other or (not mine and not other)


def test_a_missing_field_is_an_error() -> None:
    with pytest.raises(messages.MessageError, match="status is missing"):
        messages.build(messages.Finished, {"time": 1.0})
