"""The guide's page of keys, made from the commands."""

from __future__ import annotations

from orchest_tui.commands import ALL
from orchest_tui.commands.command import Command, Scope

_HEAD = """# Keys

Every command of the terminal app. `?` shows those of the focused pane, `ctrl+p` finds one by its name.
Change keys with the setting `keymap`, command id → keys, and check it with `orchest-tui keys --check`:

```yaml
keymap:
  run.selected: r,f5
  step.why: w
```

"""


def keys_page() -> str:
    """Return ``docs/keys.md``."""
    return _HEAD + "\n".join(filter(None, map(_section, Scope)))


def _section(scope: Scope) -> str:
    mine = [command for command in ALL if scope in command.scopes]
    if not mine:
        return ""
    rows = "".join(f"| {_keys(command)} | `{command.id}` | {command.tooltip()} |\n" for command in mine)
    return f"## {scope.value.capitalize()}\n\n| keys | id | what it does |\n| --- | --- | --- |\n{rows}"


def _keys(command: type[Command]) -> str:
    return " ".join(f"`{key}`" for key in command.keys) or "palette"
