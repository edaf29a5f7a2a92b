"""Classes that travel by value: the same script gives the same bytes each time it runs.

cloudpickle marks such a class with a random identity, so that a process which gets it twice has one class. With a
random one no two runs of a step would ever hand over the same bytes, and all steps below it would be stale. So a class
is marked with an identity made from its step and its name instead.
"""

from __future__ import annotations

import hashlib
import os

from cloudpickle import cloudpickle


def give_stable_identity(kind: type) -> None:
    """Mark ``kind`` for cloudpickle, unless it is importable, is marked already, or no step is known."""
    step = os.environ.get("ORCHEST_STEP_UUID")
    by_class = cloudpickle._DYNAMIC_CLASS_TRACKER_BY_CLASS
    by_identity = cloudpickle._DYNAMIC_CLASS_TRACKER_BY_ID
    if not step or kind in by_class or cloudpickle._should_pickle_by_reference(kind):
        return
    with cloudpickle._DYNAMIC_CLASS_TRACKER_LOCK:
        number = 0
        while True:  # a function may make several classes of one name
            name = f"{step} {kind.__module__}.{kind.__qualname__} {number}"
            identity = hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:32]
            if identity not in by_identity:
                break
            number += 1
        by_class[kind] = identity
        by_identity[identity] = kind
