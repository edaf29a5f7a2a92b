"""``output`` and ``get_inputs`` with an engine."""

from __future__ import annotations

import importlib
import os
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orchest_tui.step.sdk import orchest
from orchest_tui.step.sdk.orchest import error, transfer, writing
from orchest_tui.step.sdk.orchest.segment import read_header

from .conftest import STEP, Engine


def test_an_output_is_written_and_reported(engine: Engine) -> None:
    orchest.output({"a": 1}, name="model")
    (report,) = engine.reports()
    (path,) = engine.segments()
    assert report.pop("preview")["type"] == "dict"
    assert report == {
        "type": "output",
        "name": "model",
        "file": path.name,
        "bytes": path.stat().st_size,
        "kind": "segment",
    }
    assert path.name.startswith("model.")
    assert (read_header(path)["name"], read_header(path)["step"]) == ("model", STEP)


def test_all_outputs_of_a_step_are_kept(engine: Engine) -> None:
    for name in ("a", "b", None):
        orchest.output(name, name=name)
    assert [report["name"] for report in engine.reports()] == ["a", "b", None]
    assert len(engine.segments()) == 3


def test_the_old_output_is_there_until_the_new_one_is_reported(engine: Engine) -> None:
    orchest.output(1, name="a")
    (first,) = engine.segments()
    orchest.output(2, name="a")
    assert first.exists()
    assert len({report["file"] for report in engine.reports()}) == 2


@pytest.mark.parametrize("name", [1, b"x", "unnamed", "a; b", ["x"]])
def test_impossible_names_are_refused(name: Any, engine: Engine) -> None:
    for function in (orchest.output, transfer.output_to_memory, transfer.output_to_disk):
        with pytest.raises(error.DataInvalidNameError):
            function(1, name)
    assert engine.segments() == []


@pytest.mark.parametrize("name", ["", "line\nbreak", ";", "ü/../x"])
def test_unusual_names_are_fine(name: str, engine: Engine) -> None:
    orchest.output(1, name)
    (report,) = engine.reports()
    assert report["name"] == name


def test_inputs_come_in_the_order_of_the_connections(engine: Engine) -> None:
    engine.arrange([engine.hand_over("Z", _=1), engine.hand_over("A", named=2, _=3), engine.hand_over("M", other=4)])
    assert orchest.get_inputs() == {"unnamed": [1, 3], "named": 2, "other": 4}


def test_a_root_step_has_an_empty_list(engine: Engine) -> None:
    assert orchest.get_inputs() == {"unnamed": []}


def test_colliding_names_tell_the_titles(engine: Engine) -> None:
    engine.arrange([engine.hand_over("Zebra", x=1), engine.hand_over("Ape", x=2)])
    with pytest.raises(error.InputNameCollisionError, match='"x" from: Ape, Zebra'):
        orchest.get_inputs()


def test_a_parent_without_output(engine: Engine) -> None:
    engine.arrange([engine.hand_over("A", _=1), engine.parent("Clean data"), engine.hand_over("B", _=2)])
    with pytest.raises(error.OutputNotFoundError, match="Clean data"):
        orchest.get_inputs()
    assert orchest.get_inputs(ignore_failure=True) == {"unnamed": [1, None, 2]}


def test_a_payload_that_is_gone(engine: Engine) -> None:
    parent = engine.hand_over("Load", x=1)
    engine.arrange([parent])
    Path(parent["outputs"][0]["path"]).unlink()
    with pytest.raises(error.OutputNotFoundError, match=r'"x" of the step "Load".* gone'):
        orchest.get_inputs()
    assert orchest.get_inputs(ignore_failure=True) == {"unnamed": [], "x": None}


def test_a_damaged_payload(engine: Engine) -> None:
    parent = engine.hand_over("Load", x=np.zeros(10_000))
    engine.arrange([parent])
    os.truncate(parent["outputs"][0]["path"], 1000)
    with pytest.raises(error.DeserializationError, match=r'"x" of the step "Load".* damaged: it is cut short'):
        orchest.get_inputs()
    with pytest.warns(RuntimeWarning, match="cut short"):
        assert orchest.get_inputs(ignore_failure=True) == {"unnamed": [], "x": None}


def test_a_missing_module_is_named(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shapes_of_a_step.py").write_text("class Circle: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    import shapes_of_a_step  # type: ignore[import-not-found]

    engine.arrange([engine.hand_over("Load", x=shapes_of_a_step.Circle())])
    del shapes_of_a_step.Circle
    with pytest.raises(error.DeserializationError, match=r"Load.*Circle"):
        orchest.get_inputs()
    (tmp_path / "shapes_of_a_step.py").unlink()
    monkeypatch.delitem(sys.modules, "shapes_of_a_step")
    importlib.invalidate_caches()
    with pytest.raises(error.DeserializationError, match="'shapes_of_a_step' is needed"):
        orchest.get_inputs()


def test_verbose_tells_each_input(engine: Engine, capsys: pytest.CaptureFixture[str]) -> None:
    engine.arrange([engine.hand_over("A", _=1), engine.parent("B")])
    orchest.get_inputs(ignore_failure=True, verbose=True)
    assert capsys.readouterr().out == ('Retrieved input from step: "A"\nFailed to retrieve input from step: "B"\n')


class Breaks:
    """Something whose pickling fails in its own way."""

    def __reduce__(self) -> Any:
        raise LookupError("own words")


def _closure_over(value: object) -> Any:
    return lambda: value


@pytest.mark.parametrize(
    ("value", "place"),
    [
        (threading.Lock(), r"data \(_thread.lock\)"),
        ({"model": [1, (threading.Lock(),)]}, r"data\['model'\]\[1\]\[0\] \(_thread.lock\)"),
        ({"f": _closure_over(threading.Lock())}, r"data\['f'\] → variable value \(_thread.lock\)"),
        ([Breaks()], r"data\[0\] .*Breaks.*: LookupError: own words"),
        ((n for n in "ab"), r"data \(builtins.generator"),
    ],
)
def test_what_can_not_be_pickled_is_named(value: Any, place: str, engine: Engine) -> None:
    with pytest.raises(error.SerializationError, match='The output "x" can\'t be pickled at ' + place):
        orchest.output(value, "x")
    assert engine.segments() == []
    assert engine.reports() == []


def test_an_attribute_that_can_not_be_pickled_is_named(engine: Engine) -> None:
    class Model:
        def __init__(self) -> None:
            self.weights = [1, 2]
            self.lock = threading.Lock()

    with pytest.raises(error.SerializationError, match=r"data\.lock \(_thread\.lock\)"):
        orchest.output(Model(), None)


def test_too_deep_a_nesting_is_told(engine: Engine) -> None:
    value: list[Any] = []
    for _ in range(100_000):
        value = [value]
    with pytest.raises(error.SerializationError, match="recursion"):
        orchest.output(value, None)


def test_memory_full_goes_to_disk(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_has_room", lambda folder, size: False)
    orchest.output(np.arange(1000), "x")
    (report,) = engine.reports()
    assert report["file"] == str(next(engine.spill_dir.iterdir()))
    assert engine.segments() == []
    engine.arrange([engine.parent("A", {"name": "x", "path": report["file"], "kind": "segment"})])
    assert orchest.get_inputs()["x"][999] == 999


def test_memory_full_without_a_fallback(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "_has_room", lambda folder, size: False)
    with pytest.raises(MemoryError, match="does not fit"):
        transfer.output_to_memory(1, "x", disk_fallback=False)
    assert engine.reports() == []
    transfer.output_to_memory(1, "x")
    assert len(engine.reports()) == 1


def test_retired_memory_is_used_again(engine: Engine) -> None:
    orchest.output(np.zeros(400_000), "x")
    (old,) = engine.segments()
    inode = old.stat().st_ino
    engine.arrange(recycle=(old.name,))
    orchest.output(np.ones(300_000), "x")
    (new,) = engine.segments()
    assert (new.name != old.name, new.stat().st_ino) == (True, inode)
    assert new.stat().st_size == engine.reports()[-1]["bytes"]


def test_nobody_to_tell(engine: Engine) -> None:
    engine.close()
    with pytest.warns(RuntimeWarning, match="nobody to tell"):
        orchest.output(5, "x")
    (path,) = engine.segments()
    assert read_header(path)["name"] == "x"


def test_the_list_of_inputs_is_gone(engine: Engine) -> None:
    engine.inputs_file.unlink()
    with pytest.raises(error.Error, match="only while the step runs"):
        orchest.get_inputs()
    with pytest.raises(error.Error, match="only while the step runs"):
        orchest.output(1, None)


def test_several_threads_hand_over_at_once(engine: Engine) -> None:
    threads = [threading.Thread(target=orchest.output, args=(np.full(200_000, n), f"n{n}")) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.arrange(
        [
            engine.parent(
                "A",
                *(
                    {"name": report["name"], "path": str(engine.output_dir / report["file"]), "kind": "segment"}
                    for report in engine.reports()
                ),
            )
        ]
    )
    inputs = orchest.get_inputs()
    assert {name: int(value[0]) for name, value in inputs.items() if name != "unnamed"} == {
        f"n{n}": n for n in range(6)
    }
