"""A cache in folders of its own, with payloads written as steps write them."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from orchest_tui.cache.entry import OutputEntry
from orchest_tui.cache.store import OutputStore
from orchest_tui.project.layout import Layout
from orchest_tui.step.sdk.orchest.segment import file_name, write_segment

PIPELINE = "0d4f9a7e-2b1c-4e6d-8c3a-5b6a7c8d9e03"


@dataclass
class Cache:
    """A store and what is around it."""

    layout: Layout
    session: Path
    budget: int = 100_000_000
    auto_eviction: bool = False

    def __post_init__(self) -> None:
        self.layout.ensure_state_dir()
        self.store = OutputStore(self.layout, self.session, self.budget, self.auto_eviction)
        self.store.open()

    def reopen(self) -> tuple[OutputEntry, ...]:
        self.store.close()
        return self.reopen_after_close()

    def reopen_after_close(self) -> tuple[OutputEntry, ...]:
        self.store = OutputStore(self.layout, self.session, self.budget, self.auto_eviction)
        return self.store.open().lost

    def reader(self) -> OutputStore:
        return OutputStore(self.layout, self.session, self.budget, read_only=True)

    def write(self, step: str, value: object, name: str | None = None) -> Path:
        """Write a segment as a step's process does, reusing what it may."""
        path = self.store.output_dir(step) / file_name(name)
        write_segment(value, path, name=name, step=step, recycle=self.store.recyclable(step))
        return path

    def put(self, step: str, value: object, name: str | None = None, **provenance: object) -> OutputEntry:
        """Hand a value over, as the engine sees it."""
        path = self.write(step, value, name)
        return self.store.add(step, name, path.name, path.stat().st_size, preview={}, provenance=provenance)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    session = tmp_path / "session"
    session.mkdir(mode=0o700)
    made = Cache(Layout(tmp_path / "project", PIPELINE), session)
    yield made
    made.store.close()


def blob(size: int, fill: int | None = None) -> bytes:
    return os.urandom(size) if fill is None else bytes([fill]) * size
