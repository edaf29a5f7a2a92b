"""Environments of a project: a base image and a setup script each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Environment:
    """One environment, as ``.orchest/environments/<uuid>/`` describes it.

    Attributes:
        uuid: Its uuid, the folder's name.
        name: Display name.
        language: ``python``, ``r``, ``julia`` or ``javascript``.
        base_image: Name of the image it starts from, as written in the file.
        gpu_support: Whether its steps get the machine's GPUs.
        setup_script: The script's text, LF line ends.
        folder: Where it lies.
    """

    uuid: str
    name: str
    language: str
    base_image: str
    gpu_support: bool
    setup_script: str
    folder: Path
