"""Images that were built here: what their labels tell, which of them there are, which nobody needs any more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchest_tui.execution.docker import labels
from orchest_tui.execution.docker.client import Engine, RefusedError
from orchest_tui.execution.docker.layers import Layer
from orchest_tui.execution.recipes import plain_name, scripts_digest

LAYER = "orchest-tui.layer"
KEY = "orchest-tui.key"
TITLE = "orchest-tui.title"
PARENT = "orchest-tui.parent"
PYTHON = "orchest-tui.python"
TOOLS = "orchest-tui.tools"
RECIPES = "orchest-tui.recipes"

_NOT_FOUND = 404
_CONFLICT = 409  # a container or another image still needs it


@dataclass(frozen=True, slots=True)
class BuiltImage:
    """An image of ours in the engine.

    Attributes:
        id: The engine's id.
        tag: Its name; None for one that a newer build has replaced.
        layer: Kind of layer: ``base``, ``packages``, ``foreign`` or ``environment``.
        key: Content address.
        title: What it is called.
        parent: Name of the image that it is built on.
        recipes: Which version of the recipes built it.
        project: Folder of the project that it was built for; empty for what all projects share.
        python: Interpreter inside, None where there is none.
        tools: Folder inside with the notebook tools, None where notebooks can't run.
        user: The image's own user.
        user_name: What it calls its user in USER or NB_USER, None where it has neither.
        bytes: Size of all its layers together.
        created: When it was built, as the engine writes it (RFC 3339).
    """

    id: str
    tag: str | None
    layer: str
    key: str
    title: str
    parent: str
    recipes: str
    project: str
    python: str | None
    tools: str | None
    user: str
    user_name: str | None
    bytes: int
    created: str


def layer_labels(layer: Layer, project_dir: Path, python: str, tools: str) -> dict[str, str]:
    """Return the labels of the image of ``layer``, all that is needed to start steps from it."""
    own = {
        labels.ROLE: labels.IMAGE_ROLE,
        LAYER: layer.kind,
        KEY: layer.key,
        TITLE: layer.title,
        PARENT: layer.parent,
        PYTHON: python,
        TOOLS: tools,
        RECIPES: scripts_digest(),
    }
    if layer.kind == "environment":
        own[labels.PROJECT] = str(project_dir)
    return own


def find(engine: Engine, name: str) -> BuiltImage | None:
    """Return the image of ours called ``name``, a tag or an id; None if there is none."""
    try:
        attributes = engine.blocking(engine.client.api.inspect_image, name)
    except RefusedError as error:
        if error.status == _NOT_FOUND:
            return None
        raise
    return _from_attributes(attributes)


def all_images(engine: Engine) -> list[BuiltImage]:
    """Return every image of ours, the newest first."""
    summaries = engine.blocking(engine.client.api.images, filters={"label": LAYER})
    found = [find(engine, str(summary["Id"])) for summary in summaries]
    return sorted((image for image in found if image), key=lambda image: image.created, reverse=True)


def prune(engine: Engine, project_dir: Path, needed: Collection[str], *, dry_run: bool = False) -> list[BuiltImage]:
    """Remove what nobody needs and return what was removed.

    That is: images that a newer build has replaced, environment images of this project under tags that are not in
    ``needed``, and shared layers that an older version of the recipes made. What a container or another image still
    needs stays.

    Args:
        engine: The connection.
        project_dir: The project.
        needed: Tags that its environments need.
        dry_run: Only look.
    """
    removed: list[BuiltImage] = []
    images = all_images(engine)
    for image in images:  # newest first: an image goes before what it is built on
        if image.tag is not None and (image.tag in needed or not _outdated(image, project_dir)):
            continue
        if image.tag is not None and any(other.parent == image.tag and other not in removed for other in images):
            continue
        if dry_run:
            removed.append(image)
            continue
        try:
            engine.blocking(engine.client.api.remove_image, image.tag or image.id)
        except RefusedError as error:
            if error.status not in {_NOT_FOUND, _CONFLICT}:
                raise
        else:
            removed.append(image)
    return removed


def _user_name(environ: Iterable[str]) -> str | None:
    variables = dict(entry.partition("=")[::2] for entry in environ)
    return variables.get("USER") or variables.get("NB_USER") or None


def _outdated(image: BuiltImage, project_dir: Path) -> bool:
    if image.layer == "environment":
        return image.project == str(project_dir)
    return image.recipes != scripts_digest()


def _from_attributes(attributes: Mapping[str, Any]) -> BuiltImage | None:
    config = attributes.get("Config") or {}
    own = config.get("Labels") or {}
    if LAYER not in own:
        return None
    tags = attributes.get("RepoTags") or ()
    return BuiltImage(
        id=str(attributes["Id"]),
        tag=plain_name(str(tags[0])) if tags else None,  # Podman spells docker.io out
        layer=own[LAYER],
        key=own.get(KEY, ""),
        title=own.get(TITLE, ""),
        parent=own.get(PARENT, ""),
        recipes=own.get(RECIPES, ""),
        project=own.get(labels.PROJECT, ""),
        python=own.get(PYTHON) or None,
        tools=own.get(TOOLS) or None,
        user=config.get("User") or "",
        user_name=_user_name(config.get("Env") or ()),
        bytes=int(attributes.get("Size") or 0),
        created=str(attributes.get("Created", "")),
    )
