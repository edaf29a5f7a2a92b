"""The demo's steps do what its README says, with the SDK's own hand-over between them."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cloudpickle
import pytest

from orchest_tui.cache.digest import payload_digest
from orchest_tui.demo import copy_demo
from orchest_tui.project.project import open_project
from orchest_tui.step import sdk
from orchest_tui.step.sdk.orchest.segment import read_header, read_segment

for _module in ("numpy", "pandas"):
    pytest.importorskip(_module)


class Demo:
    """A copy of the demo whose steps run one by one, as the engine has them run."""

    def __init__(self, folder: Path) -> None:
        self.project = copy_demo(folder / "demo")
        self.data = folder / "data"
        self.data.mkdir()
        self.outputs_dir = folder / "out"
        pipeline = open_project(self.project).pipelines["main.orchest"]
        self.steps = {step.title: step for step in pipeline.steps.values()}
        self.titles = {step.uuid: step.title for step in pipeline.steps.values()}

    def run(self, title: str, **parameters: object) -> str:
        """Run a step with its parents' outputs, and return its log."""
        step = self.steps[title]
        own = self.outputs_dir / step.uuid
        shutil.rmtree(own, ignore_errors=True)
        own.mkdir(parents=True)
        handover = own / "inputs.json"
        handover.write_text(json.dumps(self.handover(step, own)))
        file = self.project / step.file_path
        command = ["bash" if file.suffix == ".sh" else sys.executable, str(file)]
        environ = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(next(iter(sdk.__path__))), str(Path(cloudpickle.__file__).parents[1])]),
            "ORCHEST_TUI_INPUTS": str(handover),
            "ORCHEST_STEP_UUID": step.uuid,
            "ORCHEST_PIPELINE_PATH": str(self.definition(step.uuid, parameters)),
            "DATA_DIR": str(self.data),
        }
        ended = subprocess.run(
            command,
            check=False,
            cwd=file.parent,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=120,
        )
        self.code = ended.returncode
        return ended.stdout.decode()

    def handover(self, step, own):
        inputs = [
            {
                "step": parent,
                "title": self.titles[parent],
                "outputs": [
                    {"name": read_header(path)["name"], "path": str(path), "kind": "segment", "serialization": None}
                    for path in self.files(parent)
                ],
            }
            for parent in step.incoming
        ]
        return {"inputs": inputs, "output_dir": str(own), "spill_dir": str(own), "recycle": []}

    def definition(self, uuid, parameters):
        """Write the definition that one step sees."""
        definition = json.loads((self.project / "main.orchest").read_text())
        definition["steps"][uuid]["parameters"].update(parameters)
        path = self.outputs_dir / "pipeline.json"
        path.write_text(json.dumps(definition))
        return path

    def files(self, uuid):
        return sorted((self.outputs_dir / uuid).glob("*.seg"))

    def outputs(self, title):
        return {read_header(path)["name"]: read_segment(path) for path in self.files(self.steps[title].uuid)}

    def digests(self, title):
        return {
            read_header(path)["name"]: payload_digest(path, "segment") for path in self.files(self.steps[title].uuid)
        }


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo with everything run that needs no drawing."""
    demo = Demo(tmp_path_factory.mktemp("demo"))
    demo.logs = {}
    for title in ("Load", "Clean", "Features", "Train", "Evaluate"):
        demo.logs[title] = demo.run(title)
        assert demo.code == 0, demo.logs[title]
    return demo


def test_the_table_is_made_once_and_read_from_data(demo):
    (table,) = (demo.data / "bike-rentals").glob("*.csv")
    rentals = demo.outputs("Load")["rentals"]
    assert list(rentals.columns) == ["time", "weather", "temperature", "rentals"]
    assert len(table.read_text().splitlines()) == len(rentals) + 1
    assert "making it up" in demo.logs["Load"]
    before = demo.digests("Load")
    assert "making it up" not in demo.run("Load")
    assert demo.digests("Load") == before


def test_cleaning_removes_the_faults(demo):
    rentals, clean = demo.outputs("Load")["rentals"], demo.outputs("Clean")["clean"]
    assert rentals["time"].duplicated().any()
    assert rentals["rentals"].max() == 9999
    assert rentals["temperature"].isna().any()
    assert not clean["time"].duplicated().any()
    assert clean["rentals"].between(0, 1500).all()
    assert not clean.isna().any().any()
    assert 0.97 * 8760 < len(clean) < 8760


def test_the_model_learns_and_foretells(demo):
    losses = demo.outputs("Train")["model"]["losses"]
    assert losses[-1] < losses[0] / 100
    outputs = demo.outputs("Evaluate")
    assert outputs["metrics"]["explained variance"] > 0.95
    assert outputs["predictions"].shape == (outputs["metrics"]["hours"], 2)
    assert demo.logs["Train"].count("\r") > 50
    assert "100%" in demo.logs["Train"]


def test_an_edit_of_the_helper_leaves_the_clean_data_as_it_was_and_changes_the_features(demo):
    clean, features = demo.digests("Clean"), demo.digests("Features")
    helper = demo.project / "steps" / "features.py"
    source = helper.read_text()
    helper.write_text(source.replace("HARMONICS = 6", "HARMONICS = 3"))
    try:
        demo.run("Clean")
        demo.run("Features")
        assert demo.digests("Clean") == clean
        assert demo.digests("Features").keys() == features.keys()
        assert all(demo.digests("Features")[name] != digest for name, digest in features.items())
    finally:
        helper.write_text(source)
        demo.run("Clean")
        demo.run("Features")
    assert demo.digests("Features") == features


def test_a_learning_rate_that_is_too_high_is_told_without_a_traceback(demo):
    log = demo.run("Train", learning_rate=2)
    assert demo.code == 1
    assert log.endswith("learning_rate = 2 is too high.\n")
    assert "Traceback" not in log
    assert demo.outputs("Train") == {}
    demo.run("Train")
    assert demo.code == 0


def test_without_the_shared_folder_the_table_lies_in_the_project(demo, tmp_path):
    shared, demo.data = demo.data, tmp_path / "missing"
    try:
        demo.run("Load")
        assert demo.code == 0
    finally:
        demo.data = shared
    assert list((demo.project / "data" / "bike-rentals").glob("*.csv"))


def test_the_report_is_written_and_published(demo):
    figure = pytest.importorskip("matplotlib.figure").Figure()
    from orchest_tui.step.sdk.orchest.segment import write_segment

    explore = demo.outputs_dir / demo.steps["Explore"].uuid
    explore.mkdir()
    write_segment(figure, explore / "figure.1.seg", name="figure", step="explore")
    log = demo.run("Report")
    assert demo.code == 0, log
    assert set(demo.outputs("Report")) == {"forecast", "text"}
    report = demo.project / "report"
    assert {path.name for path in report.iterdir()} == {"report.md", "explore.png", "forecast.png"}


def test_publishing_copies_the_report_and_shows_it(demo):
    report = demo.project / "report"
    report.mkdir(exist_ok=True)
    (report / "report.md").write_text("# A report\n")
    log = demo.run("Publish")
    assert demo.code == 0, log
    assert log.startswith("# A report\n")
    assert (demo.data / "bike-rentals" / "report" / "report.md").read_text() == "# A report\n"
