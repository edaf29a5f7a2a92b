"""``python -m orchest_tui``: the same as the command ``orchest-tui``."""

import sys

from orchest_tui.entry import main

if __name__ == "__main__":
    sys.exit(main())
