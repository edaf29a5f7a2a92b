"""The SDK in the Pythons that other people's images have."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import cloudpickle
import pytest

from orchest_tui.step.sdk import orchest

SDK = Path(orchest.__file__).parent.parent
VERSIONS = ("3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14")

CORE = """
import json, os, sys, threading
import orchest
from orchest import Config, error, previews, segment, transfer

class Mine:
    factor = 3
    def __init__(self, x): self.x = x
    def times(self): return self.x * self.factor

folder = os.environ["FOLDER"]
value = {"lambda": lambda x: x + 1, "mine": Mine(4), "bytes": b"x" * 3000000, "array": bytearray(b"y" * 3000000)}
with open(folder + "/old.seg", "wb") as file:
    file.write(bytes(2000000))
def arrange(outputs, recycle):
    document = {"inputs": [{"step": "s", "title": "S", "outputs": outputs}] if outputs else [],
                "output_dir": folder, "spill_dir": folder, "recycle": recycle}
    with open(os.environ["ORCHEST_TUI_INPUTS"], "w") as file:
        json.dump(document, file)
arrange([], ["old.seg"])
assert orchest.get_inputs() == {"unnamed": []}
import warnings
warnings.simplefilter("ignore")
orchest.output(value, name="v")
(path,) = [os.path.join(folder, name) for name in os.listdir(folder) if name.endswith(".seg")]
arrange([{"name": "v", "path": path, "kind": "segment"}], [])
back = orchest.get_inputs()["v"]
assert back["lambda"](1) == 2 and back["mine"].times() == 12
assert back["bytes"] == value["bytes"] and back["array"] == value["array"]
assert segment.read_header(path)["python"] == "%d.%d" % sys.version_info[:2]
import pickle
class Buffer:
    def __init__(self, data): self.data = data
    def __reduce_ex__(self, protocol): return Buffer, (pickle.PickleBuffer(self.data),)
segment.write_segment(Buffer(bytearray(b"z" * 100000)), folder + "/b.seg")
view = segment.read_segment(folder + "/b.seg").data
view[0] = 7
assert bytes(segment.read_segment(folder + "/b.seg").data) == b"z" * 100000 and bytes(view[:2]) == b"\\x07z"
try:
    orchest.output([threading.Lock()], None)
except error.SerializationError as problem:
    assert "data[0]" in str(problem), problem
else:
    raise AssertionError("a lock was pickled")
assert previews.preview({"a": [1, 2]})["text"] == "{'a': [1, 2]}"
os.environ.pop("ORCHEST_TUI_INPUTS")
Config.STEP_DATA_DIR = folder + "/{step_uuid}"
os.environ["ORCHEST_STEP_UUID"] = "s"
orchest.output([1], None)
with open(folder + "/s/HEAD") as file:
    assert file.read().endswith("; PICKLE; unnamed")
for name in dir(orchest):
    getattr(orchest, name)
print("fine")
"""


def interpreter(version: str) -> str | None:
    """Return a Python of this version, looked for where they are usually kept."""
    kept = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}")


@pytest.mark.parametrize("version", VERSIONS)
def test_the_core_works(version: str, tmp_path: Path) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} here")
    library = tmp_path / "library"
    library.mkdir()
    (library / "orchest").symlink_to(SDK / "orchest")
    (library / "cloudpickle").symlink_to(Path(cloudpickle.__file__).parent)
    (tmp_path / "step.py").write_text(CORE)
    (tmp_path / "out").mkdir()
    environment = {
        "PYTHONPATH": str(library),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PATH": os.environ["PATH"],
        "FOLDER": str(tmp_path / "out"),
        "ORCHEST_TUI_INPUTS": str(tmp_path / "inputs.json"),
    }
    result = subprocess.run(
        [python, "-s", str(tmp_path / "step.py")], env=environment, capture_output=True, text=True, check=False
    )
    assert (result.stdout, result.stderr) == ("fine\n", "")
