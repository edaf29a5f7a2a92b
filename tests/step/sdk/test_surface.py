"""The public interface is Orchest's, and importing it costs next to nothing."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

from orchest_tui.step.sdk import orchest
from orchest_tui.step.sdk.orchest import error
from orchest_tui.step.sdk.orchest.config import Config

SDK = Path(orchest.__file__).parent.parent


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_inputs", "ignore_failure=False, verbose=False"),
        ("output", "data, name"),
        ("get_step_param", "name, default=None"),
        ("get_pipeline_param", "name, default=None"),
        ("get_service", "name"),
        ("get_services", ""),
        ("transfer.get_inputs", "ignore_failure=False, verbose=False"),
        ("transfer.output", "data, name"),
        ("transfer.output_to_disk", "data, name, serialization=None"),
        ("transfer.output_to_memory", "data, name, disk_fallback=True"),
        ("parameters.get_params", ""),
        ("parameters.get_step_param", "name, default=None"),
        ("parameters.get_pipeline_param", "name, default=None"),
        ("utils.get_step_uuid", "pipeline"),
    ],
)
def test_signatures(name: str, arguments: str) -> None:
    target: object = orchest
    for part in name.split("."):
        target = getattr(target, part)
    parameters = inspect.signature(target).parameters.values()  # type: ignore[arg-type]
    shown = [one.name if one.default is inspect.Parameter.empty else f"{one.name}={one.default}" for one in parameters]
    assert ", ".join(shown) == arguments


def test_serializations_have_the_references_values() -> None:
    members = {member.name: member.value for member in orchest.transfer.Serialization}
    assert members == {"ARROW_TABLE": 0, "ARROW_BATCH": 1, "PICKLE": 2}


def test_exceptions() -> None:
    direct = {
        "PipelineDefinitionNotFoundError",
        "SerializationError",
        "DeserializationError",
        "ObjectNotFoundError",
        "OutputNotFoundError",
        "OrchestNetworkError",
        "StepUUIDResolveError",
        "InputNameCollisionError",
        "DataInvalidNameError",
        "ServiceNotFound",
        "InvalidMetaDataError",
        "UnrecognizedSessionType",
        "SessionNotFound",
    }
    assert {kind.__name__ for kind in error.Error.__subclasses__()} == direct
    below = {kind.__name__ for kind in error.OutputNotFoundError.__subclasses__()}
    assert below == {"DiskOutputNotFoundError", "MemoryOutputNotFoundError"}


def test_config_attributes() -> None:
    assert Config.ORCHEST_API_ADDRESS == "orchest-api"
    assert Config.MAX_RELATIVE_STORE_CAPACITY == 0.95
    assert Config.STORE_SOCKET_NAME == "/tmp/orchest/plasma.sock"
    assert (Config.IDENTIFIER_SERIALIZATION, Config.IDENTIFIER_EVICTION, Config.CONN_NUM_RETRIES) == (1, 2, 20)
    assert Config.__METADATA_SEPARATOR__ == "; "
    assert Config._RESERVED_UNNAMED_OUTPUTS_STR == "unnamed"
    assert Config.get_step_data_dir("s").endswith("/data/s")
    assert orchest.Config is Config


def test_every_public_name_is_there() -> None:
    for name in dir(orchest):
        assert getattr(orchest, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        orchest.nonsense  # noqa: B018


def run(code: str, **environment: str) -> str:
    """Run code in a fresh interpreter that has the SDK as a step has it."""
    result = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(SDK), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_the_import_brings_nothing_along() -> None:
    code = "import sys; before = set(sys.modules); import orchest; print(*sorted(set(sys.modules) - before))"
    assert run(code) == "__future__ orchest"


def test_looking_around_needs_no_pickling() -> None:
    used = "orchest.Config, orchest.transfer, orchest.get_step_param, orchest.get_service"
    code = f"import sys, orchest; {used}; print(*sys.modules)"
    assert not {"cloudpickle", "mmap", "pyarrow", "numpy", "socket", "pathlib"} & set(run(code).split())


def test_reading_a_header_needs_no_pickling() -> None:
    code = "import sys; from orchest.segment import read_header; print(*sys.modules)"
    assert not {"cloudpickle", "mmap", "pickle", "typing", "socket"} & set(run(code).split())


def test_config_is_read_from_the_environment() -> None:
    code = (
        "from orchest import Config as c; print(c.SESSION_TYPE, c.PIPELINE_DEFINITION_PATH, c.get_step_data_dir('s'))"
    )
    printed = run(
        code,
        ORCHEST_SESSION_TYPE="interactive",
        ORCHEST_PIPELINE_PATH="/pipeline.json",
        ORCHEST_PIPELINE_UUID="p",
    )
    assert printed == "interactive /pipeline.json /project-dir/.orchest/pipelines/p/data/s"
