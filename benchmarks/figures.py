"""What a benchmark found: figures with baseline and budget, as a table for people and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Literal

Unit = Literal["s", "B", "B/s", "core", "times", "lines"]
"""What samples count: seconds, bytes, bytes a second, cores that are kept busy, multiples, lines of a log."""

_HEADINGS = ("what", "measured", "baseline", "ratio", "budget", "met")
TIMES = "\N{MULTIPLICATION SIGN}"
_SCALES: Mapping[str, Sequence[tuple[float, str]]] = {
    "s": ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs")),
    "B": ((1e9, "GB"), (1e6, "MB"), (1e3, "KB"), (1.0, "B")),
    "B/s": ((1e6, "MB/s"), (1e3, "KB/s"), (1.0, "B/s")),
    "core": ((0.01, "% of a core"),),
    "times": ((1.0, TIMES),),
    "lines": ((1.0, "lines"),),
}


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a figure is compared with, measured in the same run.

    Attributes:
        name: What it is.
        samples: One for each round, in the unit of the figure that it stands beside.
    """

    name: str
    samples: tuple[float, ...]

    @property
    def measured(self) -> float:
        """The median."""
        return median(self.samples)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing.

    Attributes:
        what: What was measured.
        samples: One for each round, in ``unit``.
        limit: The budget in ``unit``, or as a multiple of the baseline where ``relative``; None for a figure that is
            only there to be compared with.
        baseline: What it is compared with, None for nothing.
        relative: Whether the budget is a multiple of the baseline.
        unit: What the samples count.
    """

    what: str
    samples: tuple[float, ...]
    limit: float | None
    baseline: Baseline | None = None
    relative: bool = False
    unit: Unit = "s"

    @property
    def measured(self) -> float:
        """The median of the samples."""
        return median(self.samples)

    @property
    def ratio(self) -> float | None:
        """Measured by baseline; None without one, and beside nothing at all."""
        if self.baseline is None or self.baseline.measured == 0:
            return None
        return self.measured / self.baseline.measured

    @property
    def met(self) -> bool:
        """Whether the budget is met; where there is none, it is."""
        judged = self.ratio if self.relative else self.measured
        return self.limit is None or (judged is not None and judged <= self.limit)

    def cells(self) -> tuple[str, ...]:
        """Return the table's row."""
        baseline, ratio, limit, met = "", "", "", ""
        if self.baseline is not None:
            baseline = f"{amount_text(self.baseline.measured, self.unit)} {self.baseline.name}"
        if self.ratio is not None:
            ratio = f"{self.ratio:.2f} {TIMES}"
        if self.limit is not None:
            limit = f"≤ {amount_text(self.limit, 'times' if self.relative else self.unit, exact=True)}"
            met = "yes" if self.met else "NO"
        return self.what, amount_text(self.measured, self.unit), baseline, ratio, limit, met

    def to_json(self) -> dict[str, Any]:
        """Return the figure with all samples."""
        derived = {"measured": self.measured, "ratio": self.ratio, "met": self.met}
        return {**dataclasses.asdict(self), **derived}


def amount_text(amount: float, unit: Unit = "s", *, exact: bool = False) -> str:
    """Return an amount as a person reads it: three digits or so, or all of them where ``exact``."""
    scales = _SCALES[unit]
    scale, name = next((pair for pair in scales if abs(amount) >= pair[0]), scales[-1])
    scaled = amount / scale
    if exact:
        return f"{round(scaled, 9):g} {name}"
    return f"{scaled:.2f} {name}" if unit == "times" else f"{scaled:.3g} {name}"


def table(figures: Sequence[Figure]) -> str:
    """Return the figures as aligned lines under a heading."""
    rows = [_HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def write_json(path: Path, circumstances: Mapping[str, Any], figures: Mapping[str, Sequence[Figure]]) -> None:
    """Write what was found, by benchmark, and under which circumstances."""
    found = {name: [figure.to_json() for figure in each] for name, each in figures.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**circumstances, "figures": found}, indent=2, ensure_ascii=False) + "\n")
