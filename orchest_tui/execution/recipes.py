"""What an environment's base image really is: another image, or a recipe of ours that stands in for it.

The images that Orchest projects name are no longer kept up, so recipes stand in for them: ``base-py`` makes a plain
Debian or Ubuntu into what setup scripts expect, ``kernel-py`` adds the packages that the reference's image shipped.
Every key here is a digest of what goes in, names and scripts alike, so that nothing is built twice and nothing old is
taken for new. Nothing here knows Docker.
"""

from __future__ import annotations

import functools
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from orchest_tui.execution.recipe_packages import PLAIN_IMAGE, STACK, STACK_IMAGES, TOOLS, repository

if TYPE_CHECKING:
    from orchest_tui.project.settings import Settings

Recipe = Literal["base-py", "kernel-py"]

SCRIPTS = Path(__file__).with_name("recipe_scripts")
"""Folder of the scripts that run inside an image while it is built."""


def mapped_image(name: str, images: Mapping[str, str]) -> str:
    """Return the image that the setting ``images`` puts in the place of ``name``, else ``name`` itself.

    The setting may spell a name as the project does, or without tag, ``registry:`` and ``docker.io/``.
    """
    for spelling in (name, plain_name(name), repository(name)):
        if spelling in images:
            return plain_name(images[spelling])
    return plain_name(name)


def plain_name(image: str) -> str:
    """Return ``image`` as an engine knows it: without ``registry:`` and without the registry that is meant anyway."""
    return image.strip().removeprefix("registry:").removeprefix("docker.io/")


def stand_in(image: str) -> Recipe | None:
    """Return the recipe that stands in for ``image``, whatever its tag."""
    name = repository(image)
    if name == PLAIN_IMAGE:
        return "base-py"
    return "kernel-py" if name in STACK_IMAGES else None


def recipe_key(recipe: Recipe, settings: Settings) -> str:
    """Return the content address of what ``recipe`` makes out of the setting ``base_image``."""
    material: dict[str, object] = {
        "recipe": recipe,
        "base_image": mapped_image(settings.base_image, settings.images),
        "scripts": scripts_digest(),
    }
    if recipe == "kernel-py":
        material["packages"] = STACK
    return digest(material)


def parent_key(base_image: str, settings: Settings) -> str:
    """Return the content address of what an environment on ``base_image`` starts from, before its setup script."""
    image = mapped_image(base_image, settings.images)
    recipe = stand_in(image)
    if recipe is not None:
        return recipe_key(recipe, settings)
    return digest({"image": image, "scripts": scripts_digest()})


def digest(material: Mapping[str, object]) -> str:
    """Return 32 hexadecimal digits that change with anything in ``material``."""
    return hashlib.sha256(json.dumps(material, sort_keys=True).encode()).hexdigest()[:32]


@functools.cache
def scripts_digest() -> str:
    """Return the digest of the recipes' scripts and of the notebook tools, which every built image contains."""
    scripts = {path.name: path.read_text(encoding="utf-8") for path in sorted(SCRIPTS.iterdir()) if path.is_file()}
    return digest({"scripts": scripts, "tools": TOOLS})
