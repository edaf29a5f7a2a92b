"""Which of the runner's processes this is: supervisor, a child started afresh, or a notebook's Python kernel."""

from __future__ import annotations

CHILD = "--child"
KERNEL = "--kernel"
JOURNAL = "--journal-fd"


def main(arguments: list[str]) -> int:
    """Run the process that ``arguments`` ask for and return its exit code.

    ``[--journal-fd N]`` is the supervisor, ``--child N`` a child whose control socket is descriptor N, and
    ``--kernel …`` a notebook's kernel with the options of ``kernel.main``.
    """
    if arguments[:1] == [KERNEL]:
        from .kernel import main as kernel_main

        return kernel_main(arguments[1:])
    if arguments[:1] == [CHILD]:
        import socket

        from .child import main as child_main

        return child_main(socket.socket(fileno=int(arguments[1])))
    from .supervisor import main as supervisor_main

    if arguments[:1] == [JOURNAL] and len(arguments) == 2 and arguments[1].isdigit():
        return supervisor_main(int(arguments[1]))
    if arguments:
        import sys

        sys.stderr.write(f"usage: python {sys.argv[0]} [{JOURNAL} N]\n")
        return 2
    return supervisor_main(None)
