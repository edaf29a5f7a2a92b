"""``python -m benchmarks [NAME…]``: measure the budgets, print a table and keep the figures as JSON."""

from __future__ import annotations

import argparse
import datetime
import importlib
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks.figures import Figure, table, write_json
from benchmarks.timing import run
from benchmarks.workbench import Workbench, workbench

RESULTS = Path(__file__).parent / "results"
NAMES = (
    "dispatch", "notebooks", "freshness", "live", "arrays", "strings", "startup", "quitting",
    "screens.opening", "screens.following", "screens.large_logs", "screens.leaving",
)  # fmt: skip
"""The benchmarks: modules of this package with a function ``measure`` that yields figures."""

ROUNDS, QUICK_ROUNDS = 15, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what was asked for; return 0 where every budget is met, 1 where one is not."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help="benchmarks to run (all)")
    parser.add_argument("--list", action="store_true", help="list the benchmarks")
    parser.add_argument("--quick", action="store_true", help="few rounds: rough figures")
    options = parser.parse_args(arguments)
    unknown = sorted(given for given in options.names if not chosen([given]))
    if unknown:
        parser.error(f"there is no benchmark {unknown[0]}; choose from {', '.join(NAMES)}")
    if options.list:
        print("\n".join(f"{name:18}  {_summary(name)}" for name in NAMES))
        return 0
    names = chosen(options.names)
    with workbench(QUICK_ROUNDS if options.quick else ROUNDS, quick=options.quick) as bench:
        found = _measure(names, bench)
    figures = [figure for each in found.values() for figure in each]
    print(table(figures))
    return 0 if all(figure.met for figure in figures) else 1


def chosen(given: Sequence[str]) -> tuple[str, ...]:
    """Return the benchmarks that are called so, or that lie in a folder of that name; all where none is given."""
    return tuple(name for name in NAMES if not given or name in given or name.partition(".")[0] in given)


def _measure(names: Sequence[str], bench: Workbench) -> dict[str, list[Figure]]:
    """Run the benchmarks and keep what they found after each of them, so that an interruption loses little."""
    circumstances = _circumstances(bench)
    path = RESULTS / f"{datetime.datetime.now():%Y-%m-%dT%H%M%S}.json"
    found: dict[str, list[Figure]] = {}
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        found[name] = list(importlib.import_module(f"benchmarks.{name}").measure(bench))
        write_json(path, {**circumstances, "load_after": os.getloadavg()}, found)
    print(f"written to {path}", file=sys.stderr)
    return found


def _circumstances(bench: Workbench) -> dict[str, object]:
    """Return what the figures depend on besides the program."""
    return {
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "memory": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "engine": run(["docker", "version", "--format", "{{.Server.Version}}"]).strip(),
        "rounds": bench.rounds,
        "load_before": os.getloadavg(),
    }


def _summary(name: str) -> str:
    documentation = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
    return documentation.partition("\n")[0]


if __name__ == "__main__":
    sys.exit(main())
