"""Figures of benchmarks: units, budgets, the table and what is kept as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.__main__ import NAMES, chosen
from benchmarks.figures import TIMES, Baseline, Figure, Unit, amount_text, table, write_json


@pytest.mark.parametrize(
    ("amount", "unit", "text"),
    [
        (0.0364, "s", "36.4 ms"), (2.0, "s", "2 s"), (0.0, "s", "0 µs"), (19_700.0, "B/s", "19.7 KB/s"),
        (2.27e6, "B/s", "2.27 MB/s"), (0.0, "B/s", "0 B/s"), (41.6e6, "B", "41.6 MB"), (0.0, "lines", "0 lines"),
        (0.0366, "core", "3.66 % of a core"), (1.0, "times", f"1.00 {TIMES}"),
    ],
)  # fmt: skip
def test_amounts_in_their_unit(amount: float, unit: Unit, text: str) -> None:
    assert amount_text(amount, unit) == text


@pytest.mark.parametrize(
    ("figure", "limit", "met"),
    [
        (Figure("a", (0.1, 0.2, 9.0), 0.2), "≤ 200 ms", "yes"),
        (Figure("a", (0.21,), 0.2), "≤ 200 ms", "NO"),
        (Figure("a", (0.081,), 0.08, unit="core"), "≤ 8 % of a core", "NO"),
        (Figure("a", (2.0,), 1.1, Baseline("b", (2.0,)), relative=True), f"≤ 1.1 {TIMES}", "yes"),
        (Figure("a", (2e4,), 25e3, Baseline("b", (2e6,)), unit="B/s"), "≤ 25 KB/s", "yes"),
        (Figure("a", (1.0,), 0.5, Baseline("b", (0.0,)), relative=True), f"≤ 0.5 {TIMES}", "NO"),
        (Figure("a", (2.0,), None), "", ""),
    ],
)
def test_a_budget_is_met_or_not(figure: Figure, limit: str, met: str) -> None:
    assert figure.cells()[4:] == (limit, met)
    assert figure.met == (met != "NO")


def test_the_table_has_a_line_for_each_figure() -> None:
    baseline = Baseline("docker logs -f", (2e6,))
    lines = table([Figure("written", (2e4,), 25e3, baseline, unit="B/s"), Figure("passed", (1.0,), None)]).splitlines()
    assert lines[0].split() == ["what", "measured", "baseline", "ratio", "budget", "met"]
    assert lines[2] == f"written  20 KB/s   2 MB/s docker logs -f  0.01 {TIMES}  ≤ 25 KB/s  yes"
    assert lines[3] == "passed   1 s"


def test_json_keeps_samples_and_units(tmp_path: Path) -> None:
    path = tmp_path / "results" / "now.json"
    write_json(path, {"cores": 2}, {"screens.following": [Figure("written", (1.0, 2.0, 3.0), 1.5, unit="B/s")]})
    kept = json.loads(path.read_text())
    assert kept["cores"] == 2
    figure = kept["figures"]["screens.following"][0]
    assert (figure["samples"], figure["unit"], figure["measured"], figure["met"]) == (
        [1.0, 2.0, 3.0],
        "B/s",
        2.0,
        False,
    )


def test_benchmarks_are_chosen_by_name_or_folder() -> None:
    assert chosen([]) == NAMES
    assert chosen(["live", "screens.opening"]) == ("live", "screens.opening")
    assert len(chosen(["screens"])) == 4
    assert chosen(["nothing"]) == ()
