"""The demo is a well-formed Orchest project, and what its README says is there."""

import ast
import json
import re
import subprocess

import nbformat
import pytest

from orchest_tui.demo import PIPELINE_UUID, copy_demo
from orchest_tui.project.project import open_project

PARENTS = {
    "Load": (),
    "Clean": ("Load",),
    "Explore": ("Clean",),
    "Features": ("Clean",),
    "Train": ("Features",),
    "Evaluate": ("Features", "Train"),
    "Report": ("Explore", "Evaluate"),
    "Publish": ("Report",),
}


@pytest.fixture
def demo(tmp_path):
    return copy_demo(tmp_path / "demo")


@pytest.fixture
def pipeline(demo):
    project = open_project(demo)
    assert project.problems == ()
    pipeline = project.pipelines["main.orchest"]
    assert pipeline is not None
    return pipeline


def test_it_opens_without_a_problem_and_the_graph_is_as_drawn(pipeline):
    titles = {uuid: step.title for uuid, step in pipeline.steps.items()}
    found = {step.title: tuple(titles[parent] for parent in step.incoming) for step in pipeline.steps.values()}
    assert found == PARENTS
    assert pipeline.uuid == PIPELINE_UUID
    assert pipeline.raw["version"] == "1.2.3"


def test_the_definition_is_written_as_orchest_writes_it(demo):
    text = (demo / "main.orchest").read_text()
    assert text == json.dumps(json.loads(text), indent=4, sort_keys=True)


def test_scripts_and_notebook_are_well_formed(demo):
    for script in demo.glob("steps/*.py"):
        assert ast.get_docstring(ast.parse(script.read_text()))
    for script in (demo / "steps" / "publish.sh", *demo.glob(".orchest/environments/*/setup_script.sh")):
        subprocess.run(["bash", "-n", str(script)], check=True, timeout=30)
    notebook = nbformat.read(demo / "steps" / "explore.ipynb", as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            ast.parse(cell.source)
            assert (cell.outputs, cell.execution_count) == ([], None)


def test_every_parameter_is_one_that_its_step_reads(demo, pipeline):
    for step in pipeline.steps.values():
        if step.file_path.endswith(".py"):
            source = (demo / step.file_path).read_text()
            defaults = dict(re.findall(r'get_step_param\("(\w+)", (.+?)\)\n', source))
            assert {name: ast.literal_eval(value) for name, value in defaults.items()} == dict(step.parameters)


def test_the_readme_names_what_is_there(demo, pipeline):
    readme = (demo / "README.md").read_text()
    rows = re.findall(r"^\| (\w+) \| `(steps/[\w.]+)`", readme, re.MULTILINE)
    assert rows == [(step.title, step.file_path) for step in sorted(pipeline.steps.values(), key=_by_title)]
    for title, name in re.findall(r"--step-param (\w+)\.(\w+)=", readme):
        (step,) = [step for step in pipeline.steps.values() if step.title == title]
        assert name in step.parameters
    for name in re.findall(r"--param (\w+)=", readme):
        assert name in pipeline.parameters
    for title in re.findall(r"(?:--step|logs) (\w+)", readme):
        assert title in PARENTS
    for name, value in re.findall(r"`([A-Z]+) = (\d+)`", readme):
        (default,) = re.findall(rf"^{name} = (\d+)", (demo / "steps" / "features.py").read_text(), re.MULTILINE)
        assert default != value


def _by_title(step):
    return list(PARENTS).index(step.title)
