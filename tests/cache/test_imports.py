"""Read-only commands look at outputs in a few milliseconds, so what only the engine needs is not imported for it."""

import subprocess
import sys

from orchest_tui.project.layout import Layout

from .conftest import Cache

PROGRAM = """
import sys
from pathlib import Path
from orchest_tui.cache.store import OutputStore
from orchest_tui.project.layout import Layout
store = OutputStore(Layout(Path(sys.argv[1]), "pipeline"), Path(sys.argv[2]), 0, read_only=True)
assert len(store.all()) == 1
store.close()
print(*sorted(set(sys.argv[3:]) & set(sys.modules)))
"""
HEAVY = (
    "asyncio",
    "click",
    "docker",
    "msgspec",
    "networkx",
    "textual",
    "xxhash",
    "yaml",
    "cloudpickle",
    "subprocess",
)


def test_reading_outputs_imports_nothing_heavy(tmp_path):
    project = tmp_path / "100% odd? name #1"
    session = project / "session"
    cache = Cache(Layout(project, "pipeline"), session)
    cache.put("load", 1)
    cache.store.close()
    before = sorted(project.rglob("*"))
    command = [sys.executable, "-c", PROGRAM, str(project), str(session), *HEAVY]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.stderr == ""
    assert result.stdout.split() == []
    assert sorted(project.rglob("*")) == before
