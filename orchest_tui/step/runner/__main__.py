"""Entry point of ``python <folder of the runner>``.

The folder is loaded as a package under a name of its own, and leaves ``sys.path`` at once: the step's code must find
neither a module named ``messages`` nor a package named ``runner`` that it did not bring.
"""

import os
import sys

PACKAGE = "_orchest_tui_runner"
"""Name of the runner's package in the processes of a step."""

HERE = os.path.dirname(os.path.abspath(__file__))

if sys.path and os.path.abspath(sys.path[0]) == HERE:
    del sys.path[0]
if __name__ == "__main__":
    package = type(sys)(PACKAGE)
    package.__path__ = [HERE]
    sys.modules[PACKAGE] = package
    __import__(PACKAGE + ".entry")
    sys.exit(sys.modules[PACKAGE + ".entry"].main(sys.argv[1:]))
