"""Which images an environment is made of, from the base image upwards, each under a tag that tells its content.

A layer that is in the engine already is used as it is; so the stack of ``kernel-py`` is installed once for all
projects, and an environment whose setup script is empty needs no image of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal

from orchest_tui.execution.environment_key import environment_key, normalised_script
from orchest_tui.execution.recipes import Recipe, mapped_image, parent_key, recipe_key, stand_in

if TYPE_CHECKING:
    from orchest_tui.project.environments import Environment
    from orchest_tui.project.settings import Settings

LayerKind = Literal["base", "packages", "foreign", "environment"]

RECIPE_USER = "jovyan"
REPOSITORY = "orchest-tui"

_RECIPE_ENVIRON = MappingProxyType(
    {
        "PATH": "/opt/venv/bin:/home/jovyan/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "VIRTUAL_ENV": "/opt/venv",
        "HOME": "/home/jovyan",
        "NB_USER": RECIPE_USER,
        "SHELL": "/bin/bash",
        "LANG": "C.UTF-8",
        "BASH_ENV": "/home/jovyan/.orchestrc",
        "CONDA_ENV": "base",
        "JUPYTER_PATH": "/opt/venv/share/jupyter",
    }
)
"""Environment variables that the reference's images set and setup scripts count on."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One image on the way to an environment.

    Attributes:
        kind: ``base`` (recipe base-py), ``packages`` (recipe kernel-py), ``foreign`` (another image, with the notebook
            tools added) or ``environment`` (a setup script's work).
        key: Content address.
        tag: The image's name: ``orchest-tui/<what>:<key>``.
        title: What it is called in progress and errors.
        parent: Name of the image below it.
        user: User that its main script runs as; empty for the image's own.
        script: The setup script of an ``environment``.
        environ: Environment variables that the image gets.
    """

    kind: LayerKind
    key: str
    tag: str
    title: str
    parent: str
    user: str = ""
    script: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)


def plan(environment: Environment, project_dir: Path, settings: Settings) -> tuple[Layer, ...]:
    """Return the layers of ``environment``, lowest first; the last one is what its steps start from."""
    image = mapped_image(environment.base_image, settings.images)
    recipe = stand_in(image)
    below = _recipe_layers(recipe, settings) if recipe else (_foreign_layer(image, settings),)
    script = normalised_script(environment.setup_script)
    if not script:
        return below
    key = environment_key(environment, project_dir, settings)
    top = Layer(
        kind="environment",
        key=key,
        tag=f"{REPOSITORY}/env:{key}",
        title=f"environment “{environment.name}”",
        parent=below[-1].tag,
        script=script,
    )
    return (*below, top)


def origin(environment: Environment, settings: Settings) -> str:
    """Return the name of the image that the lowest layer starts from, the only one that may have to be pulled."""
    image = mapped_image(environment.base_image, settings.images)
    return mapped_image(settings.base_image, settings.images) if stand_in(image) else image


def _recipe_layers(recipe: Recipe, settings: Settings) -> tuple[Layer, ...]:
    key = recipe_key("base-py", settings)
    base = Layer(
        kind="base",
        key=key,
        tag=f"{REPOSITORY}/base-py:{key}",
        title="base image",
        parent=mapped_image(settings.base_image, settings.images),
        user=RECIPE_USER,
        environ=_RECIPE_ENVIRON,
    )
    if recipe == "base-py":
        return (base,)
    key = recipe_key("kernel-py", settings)
    packages = Layer(
        kind="packages",
        key=key,
        tag=f"{REPOSITORY}/kernel-py:{key}",
        title="stand-in for orchest/base-kernel-py",
        parent=base.tag,
    )
    return (base, packages)


def _foreign_layer(image: str, settings: Settings) -> Layer:
    key = parent_key(image, settings)
    return Layer(kind="foreign", key=key, tag=f"{REPOSITORY}/foreign:{key}", title=f"image {image}", parent=image)
