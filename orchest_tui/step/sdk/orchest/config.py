"""Where the SDK finds things; read from the environment at import, and open to changes by the user."""

from __future__ import annotations

import os


class Config:
    """Settings of the SDK as class attributes.

    Those that speak of Orchest's store or network are kept since users' code may look at them; nothing here uses them.

    Attributes:
        PROJECT_DIR: The project's folder as the step sees it (an addition).
        STEP_DATA_DIR: Folder of a step's outputs on disk, with ``{step_uuid}`` in it.
        silence_multiple_data_transfer_calls_warning: Set it to have no warning where a second output replaces one of
            another name.
    """

    SESSION_UUID = os.environ.get("ORCHEST_SESSION_UUID")
    SESSION_TYPE = os.environ.get("ORCHEST_SESSION_TYPE")
    PROJECT_UUID = os.environ.get("ORCHEST_PROJECT_UUID")
    PIPELINE_UUID = os.environ.get("ORCHEST_PIPELINE_UUID", "")
    PIPELINE_DEFINITION_PATH = os.environ.get("ORCHEST_PIPELINE_PATH")
    ORCHEST_API_ADDRESS = "orchest-api"

    PROJECT_DIR = os.environ.get("ORCHEST_TUI_PROJECT_DIR", "/project-dir")
    STEP_DATA_DIR = PROJECT_DIR + "/.orchest/pipelines/" + PIPELINE_UUID + "/data/{step_uuid}"

    MAX_RELATIVE_STORE_CAPACITY = 0.95
    STORE_SOCKET_NAME = "/tmp/orchest/plasma.sock"  # noqa: S108 - a constant of Orchest's interface
    IDENTIFIER_SERIALIZATION = 1
    IDENTIFIER_EVICTION = 2
    CONN_NUM_RETRIES = 20
    __METADATA_SEPARATOR__ = "; "
    _RESERVED_UNNAMED_OUTPUTS_STR = "unnamed"

    silence_multiple_data_transfer_calls_warning = False

    @classmethod
    def get_step_data_dir(cls, step_uuid: str) -> str:
        """Return the folder of a step's outputs on disk."""
        return cls.STEP_DATA_DIR.replace("{step_uuid}", step_uuid)
