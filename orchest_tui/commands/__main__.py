"""``python -m orchest_tui.commands``: print ``docs/keys.md``."""

import sys

from orchest_tui.commands.reference import keys_page

if __name__ == "__main__":
    sys.stdout.write(keys_page())
