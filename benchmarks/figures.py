"""What a benchmark found: figures with baseline and budget, as a table for people and as JSON."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

_HEADINGS = ("what", "measured", "baseline", "ratio", "budget", "met")
TIMES = "\N{MULTIPLICATION SIGN}"
_SCALES = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


@dataclass(frozen=True, slots=True)
class Baseline:
    """What a figure is compared with, measured in the same run.

    Attributes:
        name: What it is.
        samples: Seconds, one for each round.
    """

    name: str
    samples: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """The median."""
        return median(self.samples)


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured thing.

    Attributes:
        what: What was measured.
        samples: Seconds, one for each round; of a figure without a unit, plain ratios.
        limit: The budget in seconds, or as a multiple of the baseline where ``relative``.
        baseline: What it is compared with, None for nothing.
        relative: Whether the budget is a multiple of the baseline.
        plain: Whether the samples are ratios already (memory for memory).
    """

    what: str
    samples: tuple[float, ...]
    limit: float
    baseline: Baseline | None = None
    relative: bool = False
    plain: bool = False

    @property
    def measured(self) -> float:
        """The median of the samples."""
        return median(self.samples)

    @property
    def ratio(self) -> float | None:
        """Measured by baseline, None without one."""
        return None if self.baseline is None else self.measured / self.baseline.seconds

    @property
    def met(self) -> bool:
        """Whether the budget is met."""
        judged = self.ratio if self.relative else self.measured
        return judged is not None and judged <= self.limit

    def cells(self) -> tuple[str, ...]:
        """Return the table's row."""
        baseline = "" if self.baseline is None else f"{seconds_text(self.baseline.seconds)} {self.baseline.name}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} {TIMES}"
        limit = (
            f"≤ {self.limit:g} {TIMES}" if self.relative or self.plain else f"≤ {seconds_text(self.limit, exact=True)}"
        )
        measured = f"{self.measured:.2f} {TIMES}" if self.plain else seconds_text(self.measured)
        return self.what, measured, baseline, ratio, limit, "yes" if self.met else "NO"

    def to_json(self) -> dict[str, Any]:
        """Return the figure with all samples."""
        derived = {"measured": self.measured, "ratio": self.ratio, "met": self.met}
        return {**dataclasses.asdict(self), **derived}


def seconds_text(seconds: float, *, exact: bool = False) -> str:
    """Return a duration as a person reads it: three digits, or all of them where ``exact``."""
    scale, unit = next((pair for pair in _SCALES if abs(seconds) >= pair[0]), _SCALES[-1])
    return f"{seconds / scale:g} {unit}" if exact else f"{seconds / scale:.3g} {unit}"


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
