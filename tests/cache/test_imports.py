"""Read-only commands look at outputs in a few milliseconds, so what only the engine needs is not imported for it."""

import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from orchest_tui.cache.store import OutputStore
from orchest_tui.project.layout import Layout
store = OutputStore(Layout(Path(sys.argv[1]), "pipeline"), Path(sys.argv[1]), 0, read_only=True)
store.all(), store.usage(), store.close()
print(*sorted(set(sys.argv[2:]) & set(sys.modules)))
"""
HEAVY = ("asyncio", "click", "docker", "msgspec", "networkx", "textual", "xxhash", "yaml", "cloudpickle", "subprocess")


def test_reading_outputs_imports_nothing_heavy(tmp_path):
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), *HEAVY]
    result = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.split() == []
    assert list(tmp_path.iterdir()) == []
