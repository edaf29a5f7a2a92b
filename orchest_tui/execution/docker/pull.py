"""Getting an image that is not in the engine yet, with progress; one clear sentence where it can't be had."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from orchest_tui.errors import ImageUnavailableError
from orchest_tui.execution.docker.build_container import BuildCancelledError
from orchest_tui.execution.docker.client import Engine, RefusedError
from orchest_tui.execution.docker.threads import in_thread

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

ImageState = Literal["here", "offered", "refused", "silent"]
"""In the engine; its registry has it; neither; its registry did not answer in time."""

_NOT_FOUND = 404
_MEND = (
    "Name another image for it with the setting `images`, or another `base_image` (ORCHEST_TUI_BASE_IMAGE), or load it "
    "into the engine by hand."
)


def present(engine: Engine, image: str) -> bool:
    """Tell whether the engine has ``image``."""
    try:
        engine.blocking(engine.client.api.inspect_image, image)
    except RefusedError as error:
        if error.status == _NOT_FOUND:
            return False
        raise
    return True


def obtainable(engine: Engine, image: str) -> bool:
    """Tell whether ``image`` is in the engine or its registry offers it; may take as long as a registry does."""
    if present(engine, image):
        return True
    try:
        engine.blocking(engine.client.api.inspect_distribution, image)
    except RefusedError:
        return False
    return True


def image_state(settings: Settings, image: str, patience: float) -> ImageState:
    """Tell whether ``image`` is in the engine, or what its registry says within ``patience`` seconds.

    Raises:
        ExecutorUnavailableError: No engine answers.
        ExecutorError: It went away meanwhile.
    """
    engine = Engine(settings)
    try:
        if present(engine, image):
            return "here"
        looking = in_thread(lambda: obtainable(engine, image), "registry")
        try:
            return "offered" if asyncio.run(asyncio.wait_for(looking, patience)) else "refused"
        except TimeoutError:
            return "silent"
    finally:
        engine.close()


def ensure_image(engine: Engine, image: str, report: Callable[[str], None], cancel: threading.Event) -> None:
    """Pull ``image`` unless the engine has it.

    Args:
        engine: The connection.
        image: The image's name.
        report: Called with short progress lines.
        cancel: Ends it as soon as it is set.

    Raises:
        ImageUnavailableError: The registry can't be reached or doesn't have it.
        BuildCancelledError: It was told to stop.
    """
    if present(engine, image):
        return
    report(f"Pulling {image}")
    try:
        engine.blocking(_pull, engine, image, report, cancel)
    except RefusedError as error:
        raise ImageUnavailableError(
            f"The image {image} is not in the container engine and can't be pulled: {_reason(error)}.", _MEND
        ) from error


def _pull(engine: Engine, image: str, report: Callable[[str], None], cancel: threading.Event) -> None:
    name, tag = _name_and_tag(image)
    layers: dict[str, str] = {}
    for event in engine.client.api.pull(name, tag=tag, stream=True, decode=True):
        if cancel.is_set():
            raise BuildCancelledError("The build was cancelled.")
        if "error" in event:
            raise ImageUnavailableError(f"The image {image} can't be pulled: {event['error']}.", _MEND)
        if "id" in event and event.get("status") in {"Downloading", "Extracting", "Pull complete", "Already exists"}:
            before = layers.get(event["id"])
            layers[event["id"]] = event["status"]
            if before != event["status"]:
                done = sum(status in {"Pull complete", "Already exists"} for status in layers.values())
                report(f"Pulling {image}: {done} of {len(layers)} layers")


def _name_and_tag(image: str) -> tuple[str, str | None]:
    """Split ``image`` for the engine, which would pull every tag if it got none."""
    if "@" in image:
        return image, None
    folder, slash, last = image.rpartition("/")
    name, _, tag = last.partition(":")
    return folder + slash + name, tag or "latest"


def _reason(error: RefusedError) -> str:
    """Return the engine's words without what Go wraps around them."""
    words = error.message.removeprefix("The container engine refused: ").rstrip(". \n")
    return words.replace("Error response from daemon: ", "")
