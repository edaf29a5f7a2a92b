import subprocess
import sys

READ_ONLY = "load, definition, environments, settings, layout, discovery, project"
HEAVY = "yaml, platformdirs, asyncio, msgspec, docker, networkx, hashlib, uuid, tempfile, difflib, subprocess"


def test_what_read_only_commands_import_is_light():
    program = f"""
import sys
from orchest_tui.project import {READ_ONLY}
settings.load_settings(layout.Path("/none"))
print(*sorted(set("{HEAVY}".split(", ")) & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
