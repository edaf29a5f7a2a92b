"""Whatever the order of events, no current output is ever lost and the figures are those of the files on disk."""

import shutil
import tempfile
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from orchest_tui.project.layout import Layout
from orchest_tui.step.sdk.orchest.segment import read_segment

from .conftest import PIPELINE, Cache

STEPS = st.sampled_from(["load", "clean"])  # few, so that events meet
NAMES = st.sampled_from([None, "a"])
RUNS = st.sampled_from(["run-1/x", "run-2/y"])
MEMORY = Path("/dev/shm")  # where syncing a file costs nothing
UNREPORTED = b"never reported"
SIZES = st.sampled_from([10, 60_000, 1_200_000])  # the last is large enough to be recycled


class CacheMachine(RuleBasedStateMachine):
    """The cache against a model: which value stands under which name, and what running steps have as inputs."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="cache-machine-", dir=MEMORY if MEMORY.is_dir() else None))
        self.values = {}
        self.inputs = {}
        self.count = 0

    @initialize(budget=st.sampled_from([0, 130_000, 3_000_000]), auto_eviction=st.booleans())
    def start(self, budget, auto_eviction):
        session = self.folder / "session"
        session.mkdir()
        self.cache = Cache(Layout(self.folder / "project", PIPELINE), session, budget, auto_eviction)

    def teardown(self):
        if hasattr(self, "cache"):
            self.cache.store.close()
        shutil.rmtree(self.folder)

    @property
    def store(self):
        return self.cache.store

    def pinned_now(self):
        """Return the model's keys whose current value a running step has as an input."""
        return {key for inputs in self.inputs.values() for key, value, _ in inputs if self.values.get(key) == value}

    @rule(step=STEPS, sizes=st.dictionaries(NAMES, SIZES, min_size=1))
    def run(self, step, sizes):
        """A step hands over some outputs."""
        for name, size in sizes.items():
            self.hand_over(step, name, size)

    def hand_over(self, step, name, size):
        self.count += 1
        value = (self.count, bytes([self.count % 256]) * size)
        self.cache.put(step, value, name)
        self.values[step, name] = value

    @rule(step=STEPS, kept=st.sets(NAMES))
    def succeed(self, step, kept):
        self.store.replace_all(step, kept)
        self.values = {key: value for key, value in self.values.items() if key[0] != step or key[1] in kept}

    @rule(run=RUNS, steps=st.sets(STEPS, min_size=1))
    def begin(self, run, steps):
        self.store.pin(run, steps)
        entries = [entry for step in steps for entry in self.store.outputs(step)]
        self.inputs.setdefault(run, []).extend((entry.key, self.values[entry.key], entry.path) for entry in entries)

    @rule(run=RUNS)
    def end(self, run):
        self.store.unpin(run)
        self.inputs.pop(run, None)

    @rule(reserve=st.sampled_from([0, 100_000]))
    def spill(self, reserve):
        moved = self.store.enforce_budget(reserve)
        assert self.pinned_now().isdisjoint(entry.key for entry in moved)
        usage = self.store.usage()
        if usage.memory_bytes + usage.retired_bytes + reserve > usage.budget:
            in_memory = {entry.key for entry in self.store.all() if entry.location == "memory"}
            assert in_memory <= self.pinned_now()

    @rule(parent=STEPS, child=STEPS)
    def consume(self, parent, child):
        evicted = self.store.consumed(parent, child, {"load", "clean"})
        assert not evicted or self.cache.auto_eviction
        for entry in evicted:
            del self.values[entry.key]

    @rule(steps=st.none() | st.sets(STEPS))
    def clear(self, steps):
        pinned = self.pinned_now()
        self.store.clear(steps)
        self.values = {
            key: value
            for key, value in self.values.items()
            if key in pinned or (steps is not None and key[0] not in steps)
        }

    @rule()
    def restart(self):
        assert self.cache.reopen() == ()

    @rule(running=st.sets(STEPS))
    def sweep(self, running):
        self.store.sweep(running)

    @rule(step=STEPS)
    def fail(self, step):
        self.cache.write(step, UNREPORTED)
        assert self.store.discard_unreported(step) > 0

    @rule(step=STEPS)
    def crash_while_writing(self, step):
        self.cache.write(step, UNREPORTED)

    @rule(data=st.data())
    @precondition(lambda self: self.values)
    def hash(self, data):
        step, name = data.draw(st.sampled_from(sorted(self.values, key=str)))
        (entry,) = [entry for entry in self.store.outputs(step) if entry.name == name]
        digest = self.store.hash(entry)
        assert entry.digest in (None, digest)
        assert self.store.set_digest(entry, digest).digest == digest

    @invariant()
    def every_current_output_is_there(self):
        if not hasattr(self, "cache"):
            return
        found = {entry.key: read_segment(entry.path) for entry in self.store.all()}
        assert found == self.values
        assert {entry.key for entry in self.cache.reader().all()} == set(self.values)

    @invariant()
    def running_steps_find_their_inputs(self):
        for inputs in self.inputs.values():
            for _, value, path in inputs:
                assert read_segment(path) == value

    @invariant()
    def the_figures_are_those_of_the_files(self):
        if not hasattr(self, "cache"):
            return
        usage = self.store.usage()
        entries = self.store.all()
        sizes = {"memory": 0, "disk": 0}
        for entry in entries:
            sizes[entry.location] += entry.path.stat().st_size
        assert (usage.memory_bytes, usage.spilled_bytes) == (sizes["memory"], sizes["disk"])
        known = {entry.path for entry in entries}
        kept = [path for path in self.folder.rglob("*.seg") if path not in known]
        retired = sum(path.stat().st_size for path in kept if read_segment(path) != UNREPORTED)
        assert usage.retired_bytes == retired


TestCacheMachine = CacheMachine.TestCase
TestCacheMachine.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
