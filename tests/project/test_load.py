import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchest_tui.project.environments import load_environments
from orchest_tui.project.load import definition_bytes, load_pipeline
from tests.project.builders import ENVIRONMENT, LOAD, OTHER, PIPELINE, TRAIN, document, service, step, write


def load(project, content, **more):
    return load_pipeline(write(project, content), project, load_environments(project)[0], **more)


def codes(problems, severity="error"):
    return {(problem.code, problem.place, problem.step) for problem in problems if problem.severity == severity}


def test_a_sound_pipeline_has_no_problems(project):
    pipeline, problems = load(
        project,
        document(
            step(parameters={"rows": 3}, retries=2, timeout="5m", memory="400MB", cpus=1.5),
            step(TRAIN, "train.ipynb", [LOAD]),
            services=[service()],
        ),
    )
    assert problems == []
    assert (pipeline.uuid, pipeline.name, pipeline.relative_path) == (PIPELINE, "Wine", "main.orchest")
    first, second = pipeline.steps.values()
    assert (first.retries, first.timeout, first.memory, first.cpus) == (2, 300.0, 400_000_000, 1.5)
    assert (first.position, first.suffix, first.parameters) == ((80.0, 120.5), "py", {"rows": 3})
    assert (second.incoming, second.timeout, second.memory) == ((LOAD,), None, None)
    assert pipeline.settings.data_passing_memory_size == 1000**3


@pytest.mark.parametrize(
    ("path", "suffix"),
    [
        ("a/Plot.R", "r"),
        ("dir.v1/script", "sh"),
        ("a.tar.JL", "jl"),
        ("script", "sh"),
        ("", "sh"),
        ("x.ipynb", "ipynb"),
    ],
)
def test_the_suffix_is_that_of_the_file_name(project, path, suffix):
    assert load(project, document(step(file=path)))[0].steps[LOAD].suffix == suffix


@pytest.mark.parametrize(
    ("content", "place"),
    [('{"a": 1,\n  "b" 2}', "line 2, column 7"), ("", "line 1, column 1"), ("[]", ""), ('{"a": ' + "[" * 5000, "")],
)
def test_what_is_no_json_object_is_told_with_its_place(project, content, place):
    pipeline, problems = load(project, content)
    assert pipeline is None
    assert codes(problems) == {("bad-json", place, None)}


def test_deep_nesting_is_refused(project):
    content = json.dumps(document(x=0)).replace('"x": 0', '"x": ' + "[" * 300 + "]" * 300)
    assert load(project, content)[1][0].code == "bad-json"


def test_bytes_that_are_no_text_and_a_missing_file(project):
    path = project / "main.orchest"
    path.write_bytes(b'{"name": "\xff"}')
    assert codes(load_pipeline(path, project)[1]) == {("bad-json", "byte 10", None)}
    assert codes(load_pipeline(project / "none.orchest", project)[1]) == {("unreadable", "", None)}


def test_repeated_keys_are_told_at_their_path(project):
    text = json.dumps(document(step())).replace('"parameters": {}', '"parameters": {"a": {"b": 1, "b": 2}}')
    _, problems = load(project, text)
    places = {place for code, place, _ in codes(problems, "warning") if code == "duplicate-key"}
    assert places == {"parameters.a.b", f"steps.{LOAD}.parameters.a.b"}


def test_all_problems_are_told_at_once(project):
    (project / "folder.py").mkdir()
    _, problems = load(
        project,
        document(
            step(LOAD, "gone.py", [LOAD, OTHER, "nobody", OTHER], memory="1gb", timeout=0, cpus=0, retries=-1),
            step(TRAIN, "train.ipynb", environment=""),
            step(OTHER, "./train.ipynb", [LOAD], environment="elsewhere"),
            step("s4", "../../x.py"),
            step("s5", "/etc/passwd.py"),
            step("s6", "notes.txt"),
            step("s7", "folder.py"),
            step("s8", "", uuid2=1),
            {**step("s9"), "title": 3, "parameters": []},
            settings={"data_passing_memory_size": "big"},
        ),
    )
    assert codes(problems) == {
        ("missing-file", f"steps.{LOAD}.file_path", LOAD),
        ("missing-step", f"steps.{LOAD}.incoming_connections[2]", LOAD),
        ("bad-size", f"steps.{LOAD}.memory", LOAD),
        ("bad-duration", f"steps.{LOAD}.timeout", LOAD),
        ("bad-number", f"steps.{LOAD}.cpus", LOAD),
        ("bad-number", f"steps.{LOAD}.retries", LOAD),
        ("cycle", f"steps.{LOAD}.incoming_connections", None),
        ("no-environment", f"steps.{TRAIN}.environment", TRAIN),
        ("missing-environment", f"steps.{OTHER}.environment", OTHER),
        ("notebook-twice", f"steps.{OTHER}.file_path", OTHER),
        ("outside-project", "steps.s4.file_path", "s4"),
        ("outside-project", "steps.s5.file_path", "s5"),
        ("unsupported-file", "steps.s6.file_path", "s6"),
        ("missing-file", "steps.s7.file_path", "s7"),
        ("missing-file", "steps.s8.file_path", "s8"),
        ("wrong-type", "steps.s9.title", "s9"),
        ("wrong-type", "steps.s9.parameters", "s9"),
        ("bad-size", "settings.data_passing_memory_size", None),
    }
    assert ("duplicate-connection", f"steps.{LOAD}.incoming_connections[3]", LOAD) in codes(problems, "warning")
    assert all(problem.what and problem.mend and problem.file == "main.orchest" for problem in problems)


def test_a_cycle_names_the_titles_of_its_steps(project):
    _, problems = load(project, document(step(LOAD, "load.py", [TRAIN]), step(TRAIN, "train.ipynb", [LOAD])))
    assert [problem.what for problem in problems] == ["the steps form a cycle: 'Load' → 'Train' → 'Load'"]
    _, problems = load(project, document(step(LOAD, "load.py", [LOAD])))
    assert [problem.what for problem in problems] == ["'Load' is connected to itself"]


def test_the_steps_around_a_broken_one_are_there(project):
    pipeline, problems = load(project, document(step(), step(TRAIN, "gone.py"), name=3))
    assert set(pipeline.steps) == {LOAD, TRAIN}
    assert {problem.step for problem in problems} == {TRAIN, None}
    pipeline, problems = load(project, {**document(), "steps": {LOAD: step(), "../up": step("../up"), TRAIN: 7}})
    assert list(pipeline.steps) == [LOAD]
    assert {problem.code for problem in problems} == {"bad-uuid", "wrong-type"}


def test_a_key_that_differs_from_the_uuid(project):
    _, problems = load(project, {**document(), "steps": {LOAD: step(TRAIN)}})
    assert codes(problems) == {("uuid-mismatch", f"steps.{LOAD}.uuid", LOAD)}


def test_files_below_data_are_checked_where_the_folder_is_known(project, tmp_path):
    content = document(step(file="/data/x.py"), step(TRAIN, "/data/../etc/x.py"))
    data = tmp_path / "data"
    data.mkdir()
    assert {(code, uuid) for code, _, uuid in codes(load(project, content)[1])} == {("outside-project", TRAIN)}
    pipeline, problems = load(project, content, data_dir=data)
    assert ("missing-file", f"steps.{LOAD}.file_path", LOAD) in codes(problems)
    assert pipeline.step_path(pipeline.steps[LOAD], data) == data / "x.py"
    (data / "x.py").touch()
    assert {uuid for _, _, uuid in codes(load(project, content, data_dir=data)[1])} == {TRAIN}


def test_paths_start_from_the_pipelines_folder(project):
    path = write(project, document(step(file="../load.py"), step(TRAIN, "load.py")), "deep/main.orchest")
    pipeline, problems = load_pipeline(path, project)
    assert pipeline.relative_path == "deep/main.orchest"
    assert codes(problems) == {("missing-file", f"steps.{TRAIN}.file_path", TRAIN)}
    assert pipeline.step_path(pipeline.steps[LOAD], project) == project / "load.py"


@pytest.mark.parametrize("path", ["a\0b.py", "a\nb.py", "x" * 5000 + ".py", "\ud800.py"])
def test_paths_that_no_file_can_have(project, path):
    pipeline, problems = load(project, document(step(file=path)))
    assert pipeline.steps[LOAD]
    assert any(problem.severity == "error" and problem.step == LOAD for problem in problems)
    "\n".join(map(str, problems)).encode()


@pytest.mark.parametrize(
    ("more", "key"),
    [
        ({"name": "Upper"}, "name"),
        ({"image": ""}, "image"),
        ({"scope": []}, "scope"),
        ({"scope": ["always"]}, "scope"),
        ({"ports": ["80"]}, "ports[0]"),
        ({"ports": [70000]}, "ports[0]"),
        ({"binds": {"/etc": "/x"}}, "binds./etc"),
        ({"env_variables": {"A B": "x"}}, "env_variables.A B"),
        ({"env_variables": {"A": 1}}, "env_variables.A"),
        ({"env_variables_inherit": ["A B"]}, "env_variables_inherit[0]"),
        ({"image": "environment@nobody"}, "image"),
    ],
)
def test_faults_of_services(project, more, key):
    content = {**document(), "services": {more.get("name", "cache"): service(**more)}}
    pipeline, problems = load(project, content)
    assert {place for _, place, _ in codes(problems)} == {f"services.{more.get('name', 'cache')}.{key}"}
    assert len(pipeline.services) == 1


def test_services_may_run_an_environment(project):
    assert load(project, document(services=[service(image=f"environment@{ENVIRONMENT}")]))[1] == []


def test_a_file_without_a_uuid_gets_the_same_one_each_time(project):
    content = document()
    del content["uuid"]
    first, problems = load(project, content)
    assert problems == []
    assert first.uuid == load(project, content)[0].uuid == first.raw["uuid"]
    assert "uuid" not in json.loads(first.path.read_text())
    second, _ = load_pipeline(write(project, content, "second.orchest"), project)
    assert second.uuid != first.uuid


def test_of_two_files_with_a_uuid_the_first_one_keeps_it(project):
    first, second = (write(project, document(), name) for name in ("a.orchest", "sub/b.orchest"))
    assert load_pipeline(first, project)[0].uuid == PIPELINE
    pipeline, problems = load_pipeline(second, project)
    assert pipeline.uuid != PIPELINE
    assert codes(problems, "warning") == {("duplicate-uuid", "uuid", None)}
    assert load_pipeline(project / "sub" / ".." / "a.orchest", project)[0].uuid == PIPELINE


def test_a_uuid_that_is_a_path_is_not_used(project):
    pipeline, problems = load(project, document(uuid="../../x"))
    assert "/" not in pipeline.uuid
    assert codes(problems, "warning") == {("bad-uuid", "uuid", None)}


def test_a_run_sees_its_parameters(project):
    content = document(step(parameters={"rows": 1, "seed": 2}, note="kept"), parameters={"a": 1, "b": 2}, extra=[1])
    pipeline, _ = load(project, content)
    seen = json.loads(definition_bytes(pipeline, {"b": 3, "c": "é"}, {LOAD: {"rows": 10}}))
    assert seen["parameters"] == {"a": 1, "b": 3, "c": "é"}
    assert seen["steps"][LOAD]["parameters"] == {"rows": 10, "seed": 2}
    assert (seen["extra"], seen["steps"][LOAD]["note"]) == ([1], "kept")
    assert json.loads(definition_bytes(pipeline))["parameters"] == {"a": 1, "b": 2}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=100)
@given(data=st.data())
def test_no_content_raises(project, data):
    content = document(step(), step(TRAIN, "train.ipynb", [LOAD]), services=[service(command="x", entrypoint="y")])
    content["version"] = data.draw(st.sampled_from(["1.0.0", "1.1.0", "1.2.3", "9.9.9", "x", 3, None]))
    for holder in (content, content["steps"][LOAD], content["services"]["cache"], content["settings"]):
        for key in data.draw(st.sets(st.sampled_from([*sorted(holder), "retries", "timeout", "memory", "cpus"]))):
            holder[key] = data.draw(json_values)
    pipeline, problems = load(project, content)
    assert pipeline is not None
    definition_bytes(pipeline)
    "\n".join(map(str, problems)).encode()
