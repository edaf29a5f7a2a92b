"""Warm spares against an executor of the test's own: no engine, no processes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchest_tui.errors import ExecutorError
from orchest_tui.execution.executor import Executor, PreparedEnvironment, Worker, WorkerSpec
from orchest_tui.execution.spares import SparePool

ENVIRONMENT = PreparedEnvironment("e", "E", "k", "image", "/usr/bin/python3", None)


def spec(step: str, **changes: Any) -> WorkerSpec:
    made = WorkerSpec(
        pipeline="p", step=step, title=step, kind="python", language="python", environment=ENVIRONMENT, environ=(),
        imports=(), project_dir=Path("/p"), data_dir=Path("/d"), cwd=Path("/p"), output_dir=Path("/o"),
        spill_dir=Path("/s"), input_dirs=(),
    )  # fmt: skip
    return replace(made, **changes)


class CountedWorker:
    """A worker that knows what became of it."""

    def __init__(self, made_from: WorkerSpec) -> None:
        self.spec = made_from
        self.alive = True
        self.discarded = False

    async def discard(self) -> None:
        self.alive = False
        self.discarded = True


class SlowExecutor:
    """Starts a worker when its gate is open; counts how many starts are under way."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.workers: list[CountedWorker] = []
        self.starting = 0
        self.most_at_once = 0
        self.refused: set[str] = set()
        self.attempts = 0

    async def start(self, wanted: WorkerSpec) -> CountedWorker:
        self.attempts += 1
        self.starting += 1
        self.most_at_once = max(self.most_at_once, self.starting)
        try:
            await self.gate.wait()
            if wanted.step in self.refused:
                raise ExecutorError("no")
            worker = CountedWorker(wanted)
            self.workers.append(worker)
            return worker
        finally:
            self.starting -= 1

    @property
    def kept(self) -> list[str]:
        return sorted(worker.spec.step for worker in self.workers if not worker.discarded)


def play(scenario: Callable[[SparePool, SlowExecutor], Coroutine[Any, Any, None]], limit: int = 3) -> None:
    async def whole() -> None:
        executor = SlowExecutor()
        pool = SparePool(cast("Executor", executor), limit)
        await asyncio.wait_for(scenario(pool, executor), 60)
        executor.gate.set()
        await pool.close()

    asyncio.run(whole())


async def settled() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


async def taken(pool: SparePool, wanted: WorkerSpec) -> CountedWorker:
    worker: Worker = await pool.take(wanted)
    return cast("CountedWorker", worker)


def test_a_ready_spare_is_used_once() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a")])
        await settled()
        assert len(pool) == 1
        first = await taken(pool, spec("a"))
        assert first is executor.workers[0]
        assert len(pool) == 0
        assert await taken(pool, spec("a")) is not first

    play(scenario)


def test_only_the_most_wanted_are_kept() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a"), spec("b"), spec("a"), spec("c")])
        await settled()
        assert executor.kept == ["a", "b"]
        pool.wanted([spec("c"), spec("b"), spec("a")])
        await settled()
        assert executor.kept == ["b", "c"]

    play(scenario, limit=2)


@pytest.mark.parametrize(
    "change",
    [{"environ": (("A", "1"),)}, {"imports": ("numpy",)}, {"memory": 1}, {"cwd": Path("/p/x")},
     {"environment": replace(ENVIRONMENT, image="other")}],
)  # fmt: skip
def test_a_spare_that_differs_is_not_used(change: dict[str, Any]) -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a")])
        await settled()
        worker = await taken(pool, spec("a", **change))
        assert worker.spec == spec("a", **change)
        pool.wanted([spec("a", **change)])
        await settled()
        assert executor.workers[0].discarded

    play(scenario)


def test_a_spare_that_is_about_to_be_taken_stays_and_none_is_started_for_it() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a")])
        await settled()
        pool.wanted([spec("b")], about_to_be_taken=[spec("a"), spec("c")])
        await settled()
        assert executor.kept == ["a", "b"]
        assert await taken(pool, spec("a")) is executor.workers[0]

    play(scenario)


def test_a_spare_on_its_way_is_waited_for() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.gate.clear()
        pool.wanted([spec("a")])
        await settled()
        taking = asyncio.create_task(taken(pool, spec("a")))
        await settled()
        executor.gate.set()
        await taking
        assert executor.attempts == 1

    play(scenario)


def test_two_are_started_at_once_and_a_waiting_one_does_not_hold_up_a_run() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.gate.clear()
        pool.wanted([spec(name) for name in "abcd"])
        await settled()
        assert executor.most_at_once == 2
        taking = asyncio.create_task(taken(pool, spec("d")))
        await settled()
        assert executor.starting == 3
        executor.gate.set()
        assert (await taking).spec.step == "d"
        await settled()
        assert executor.kept == ["a", "b", "c", "d"]

    play(scenario, limit=4)


def test_a_failure_is_not_tried_again_until_it_is_taken() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.refused.add("a")
        for _ in range(5):
            pool.wanted([spec("a")])
            await settled()
        assert executor.attempts == 1
        assert str(pool.failure(spec("a"))) == "no"
        executor.refused.clear()
        assert (await taken(pool, spec("a"))).spec.step == "a"
        assert pool.failure(spec("a")) is None

    play(scenario)


def test_what_is_not_wanted_any_more_is_thrown_away_when_it_arrives() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.gate.clear()
        pool.wanted([spec("a")])
        await settled()
        pool.wanted([])
        executor.gate.set()
        await settled()
        assert executor.kept == []
        assert len(executor.workers) == 1

    play(scenario)


def test_a_spare_that_died_is_replaced() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a")])
        await settled()
        executor.workers[0].alive = False
        assert len(pool) == 0
        worker = await taken(pool, spec("a"))
        assert worker is executor.workers[1]
        pool.wanted([spec("a")])
        await settled()
        executor.workers[2].alive = False
        pool.wanted([spec("a")])
        await settled()
        assert len(pool) == 1

    play(scenario)


def test_no_spare_without_python_and_none_at_limit_zero() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a", environment=replace(ENVIRONMENT, python=None))])
        await settled()
        assert executor.attempts == 0

    async def nothing(pool: SparePool, executor: SlowExecutor) -> None:
        pool.wanted([spec("a")])
        await settled()
        assert executor.attempts == 0

    play(scenario)
    play(nothing, limit=0)


def test_closing_leaves_nothing() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.gate.clear()
        pool.wanted([spec(name) for name in "abc"])
        await settled()
        closing = asyncio.create_task(pool.close())
        await settled()
        executor.gate.set()
        await closing
        assert executor.kept == []
        pool.wanted([spec("a")])
        await settled()
        assert executor.kept == []

    play(scenario)


def test_a_cancelled_take_throws_the_spare_away() -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        executor.gate.clear()
        pool.wanted([spec("a")])
        await settled()
        taking = asyncio.create_task(taken(pool, spec("a")))
        await settled()
        taking.cancel()
        await settled()
        executor.gate.set()
        await settled()
        assert executor.kept == []

    play(scenario)


_ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("want"), st.lists(st.sampled_from("abcde"))),
        st.tuples(st.just("take"), st.sampled_from("abcde")),
        st.tuples(st.just("die"), st.integers(0, 20)),
        st.tuples(st.just("pause"), st.booleans()),
    ),
    max_size=25,
)


@given(actions=_ACTIONS, limit=st.integers(0, 4))
@settings(deadline=None, max_examples=60)
def test_whatever_happens_no_worker_is_lost_and_none_is_used_twice(actions: list[tuple[str, Any]], limit: int) -> None:
    async def scenario(pool: SparePool, executor: SlowExecutor) -> None:
        used: list[CountedWorker] = []
        takes: list[asyncio.Task[CountedWorker]] = []
        for action, value in actions:
            if action == "want":
                pool.wanted([spec(name) for name in value])
            elif action == "take":
                takes.append(asyncio.create_task(taken(pool, spec(value))))
            elif action == "die" and value < len(executor.workers):
                if executor.workers[value] not in used:
                    executor.workers[value].alive = False
            elif action == "pause":
                executor.gate.clear() if value else executor.gate.set()
            await settled()
            assert len(pool) <= limit
        executor.gate.set()
        used = list(await asyncio.gather(*takes))
        await pool.close()
        assert len(set(map(id, used))) == len(used)
        assert all(worker.discarded or worker in used for worker in executor.workers)

    play(scenario, limit)
