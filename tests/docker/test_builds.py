"""Environment builds on a real engine: what setup scripts find, what images keep, how builds end."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from orchest_tui.errors import BuildError, ExecutorUnavailableError, ImageUnavailableError
from orchest_tui.execution.docker.build_container import BuildCancelledError
from orchest_tui.execution.docker.builds import EnvironmentBuilder
from orchest_tui.execution.docker.clean import clean
from orchest_tui.execution.docker.client import Engine
from orchest_tui.execution.docker.pull import image_state, present
from orchest_tui.execution.executor import PreparedEnvironment
from orchest_tui.project.settings import Settings
from tests.docker.building import PATIENCE, Builds, wait_for

pytestmark = [pytest.mark.docker, pytest.mark.timeout(900)]

BASE_IMAGE = os.environ.get("ORCHEST_TUI_BASE_IMAGE", "orchest-tui-test-base:raw")


@pytest.fixture(scope="module")
def connection() -> Iterator[Engine]:
    try:
        connection = Engine(Settings())
    except ExecutorUnavailableError as error:
        pytest.skip(str(error))
    if not present(connection, BASE_IMAGE):
        pytest.skip(f"{BASE_IMAGE} is not in the engine")
    yield connection
    connection.close()


@pytest.fixture
def settings() -> Settings:
    return Settings(base_image=BASE_IMAGE)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def builder(connection: Engine, settings: Settings, project: Path) -> Iterator[EnvironmentBuilder]:
    builder = EnvironmentBuilder(connection, settings)
    yield builder
    builder.prune(project, [])


@pytest.fixture
def builds(builder: EnvironmentBuilder, connection: Engine, project: Path) -> Builds:
    return Builds(builder, connection, project)


class TestSetupScript:
    def test_runs_as_jovyan_in_a_copy_of_the_project(self, builds: Builds) -> None:
        (builds.project / "data.txt").write_text("from the project\n")
        (builds.project / "folder").mkdir()
        (builds.project / "folder" / "inner.txt").write_text("inner\n")
        script = """
            pwd > ~/seen; whoami >> ~/seen; cat data.txt folder/inner.txt >> ~/seen
            echo changed > data.txt; mv folder/inner.txt folder/moved.txt; echo new > new.txt
        """
        prepared = builds.prepare(builds.environment(script))
        assert builds.shell(prepared, "cat ~/seen") == "/project-dir\njovyan\nfrom the project\ninner\n"
        assert (builds.project / "data.txt").read_text() == "from the project\n"
        assert sorted(path.name for path in builds.project.rglob("*.txt")) == ["data.txt", "inner.txt"]
        assert builds.shell(prepared, "ls -A /project-dir /opt/orchest-tui") == "/opt/orchest-tui:\n\n/project-dir:\n"

    def test_installs_with_pip_sudo_and_orchestrc(self, builds: Builds) -> None:
        wheel = builds.project / "tiny"
        (wheel / "src" / "tiny_for_test").mkdir(parents=True)
        (wheel / "src" / "tiny_for_test" / "__init__.py").write_text("WORD = 'installed'\n")
        (wheel / "pyproject.toml").write_text(
            "[project]\nname='tiny-for-test'\nversion='1'\n"
            "[build-system]\nrequires=['setuptools']\nbuild-backend='setuptools.build_meta'\n"
        )
        script = """
            echo 'export FROM_ORCHESTRC=yes' >> /home/jovyan/.orchestrc
            sudo touch /usr/local/made-by-root
            pip install --no-build-isolation ./tiny
        """
        prepared = builds.prepare(builds.environment(script))
        show = (
            "import tiny_for_test as t, os; print(t.WORD, os.path.exists(t.__cached__), os.environ['FROM_ORCHESTRC'])"
        )
        assert builds.shell(prepared, f'python -c "{show}"') == "installed True yes\n"
        assert builds.shell(prepared, f'python -c "{show}"; touch ~/writable', user="54321:54321").startswith(
            "installed"
        )
        assert "made-by-root" in builds.shell(prepared, "ls /usr/local")

    def test_only_the_last_exit_code_decides(self, builds: Builds) -> None:
        assert builds.prepare(builds.environment("false\ntrue"))

    def test_crlf_is_no_trouble(self, builds: Builds) -> None:
        prepared = builds.prepare(builds.environment("echo one > ~/seen\r\n\r\ntrue\r\n"))
        assert builds.shell(prepared, "cat ~/seen") == "one\n"

    def test_output_is_kept_as_it_comes(self, builds: Builds) -> None:
        builds.prepare(builds.environment(r"printf '10%%\r100%%\r\n\377\n'; echo 'Collecting nothing-at-all'"))
        assert b"10%\r100%\r\n\xff" in builds.log.read_bytes()
        assert "pip: Collecting nothing-at-all" in builds.said


class TestResult:
    def test_has_python_and_notebook_tools_apart(self, builds: Builds) -> None:
        prepared = builds.prepare(builds.environment(""))
        assert prepared.python == "/opt/venv/bin/python"
        assert prepared.user == "jovyan"
        assert prepared.tools is not None
        assert builds.shell(prepared, f"{prepared.python} -c 'import nbclient' || echo apart").strip() == "apart"
        own = f"PYTHONPATH={prepared.tools} {prepared.python} -c 'import nbclient, nbformat, ipykernel; print(1)'"
        assert builds.shell(prepared, own, user="54321:54321") == "1\n"

    def test_clean_leaves_containers_alone_that_a_user_started_from_it(
        self, builds: Builds, connection: Engine
    ) -> None:
        prepared = builds.prepare(builds.environment("true"))
        made = connection.client.api.create_container(prepared.image, command=["true"])
        try:
            assert clean(Settings(), builds.project) == ()
            assert connection.client.api.inspect_container(made["Id"])["State"]["Status"] == "created"
        finally:
            connection.client.api.remove_container(made["Id"])

    def test_keeps_nothing_of_the_user(
        self, connection: Engine, settings: Settings, project: Path, tmp_path: Path
    ) -> None:
        bundle = tmp_path / "ca.crt"
        bundle.write_text("# certificates of the house\n")
        private = dataclasses.replace(
            settings, ca_bundle=str(bundle), proxy={"https": "http://me:secret@proxy:3128"}, pip={"retries": "7"}
        )
        builds = Builds(EnvironmentBuilder(connection, private), connection, project)
        script = """
            echo "$https_proxy $PIP_RETRIES"; head -1 "$SSL_CERT_FILE"
            sudo sh -c 'cat "$PIP_CERT"; echo $https_proxy'
        """
        EnvironmentBuilder(connection, settings).prepare(builds.environment(""), project, builds.log, print)
        prepared = builds.prepare(builds.environment(script))
        text = builds.log.read_text()
        assert text.count("http://me:secret@proxy:3128") == 2
        assert "secret@proxy:3128 7\n" in text
        assert text.count("# certificates of the house") == 2
        image = connection.client.api.inspect_image(prepared.image)
        assert "secret" not in str(image)
        assert image["Config"]["User"] == "jovyan"
        assert image["Config"]["Cmd"] != ["cat"]
        names = {entry.partition("=")[0] for entry in image["Config"]["Env"]}
        assert names >= {"PATH", "HOME", "BASH_ENV", "LANG"}
        assert not {name for name in names if re.match(r"PIP_|SSL_|ORCHEST_|https?_proxy|DEBIAN", name, re.IGNORECASE)}
        builds.builder.prune(project, [])

    def test_an_empty_script_makes_no_image(self, builds: Builds) -> None:
        plain, commented = builds.environment(""), builds.environment("# nothing to do\n")
        assert builds.prepare(plain).image == builds.prepare(commented).image

    def test_is_not_built_again(self, builds: Builds) -> None:
        environment = builds.environment("date +%N > ~/when")
        assert builds.builder.built(environment, builds.project) is None
        prepared = builds.prepare(environment)
        builds.log.unlink()
        assert builds.prepare(environment) == prepared
        assert builds.builder.built(environment, builds.project) == prepared
        assert not builds.log.exists()

    def test_is_built_anew_on_demand(self, builds: Builds) -> None:
        environment = builds.environment("date +%s%N > ~/when")
        first = builds.prepare(environment)
        second = builds.prepare(environment, anew=True)
        assert second.image != first.image
        assert second.key == first.key
        assert builds.builder.built(environment, builds.project) == second

    def test_follows_the_files_that_the_script_names(self, builds: Builds) -> None:
        (builds.project / "words.txt").write_text("one\n")
        environment = builds.environment("cp words.txt ~/words")
        first = builds.prepare(environment)
        (builds.project / "words.txt").write_text("two\n")
        second = builds.prepare(environment)
        assert builds.shell(first, "cat ~/words") == "one\n"
        assert builds.shell(second, "cat ~/words") == "two\n"


class TestForeignImage:
    def test_gets_notebook_tools_and_keeps_its_user(self, builds: Builds) -> None:
        prepared = builds.prepare(builds.environment("whoami > /seen", base_image=BASE_IMAGE))
        assert prepared.python == "/usr/bin/python3"
        assert prepared.tools is not None
        assert builds.shell(prepared, "cat /seen") == "root\n"

    def test_entrypoint_and_command_survive(self, builds: Builds, connection: Engine) -> None:
        name = f"orchest-tui-test-{uuid.uuid4().hex[:8]}"
        made = connection.client.api.create_container(BASE_IMAGE, command=["true"])
        changes = ['ENTRYPOINT ["/usr/bin/env", "-i"]', 'CMD ["id"]', "USER nobody", "WORKDIR /tmp"]
        connection.client.api.commit(made["Id"], repository=name, tag="1", changes=changes)
        connection.client.api.remove_container(made["Id"])
        try:
            prepared = builds.prepare(builds.environment("id -un > /tmp/seen", base_image=f"{name}:1"))
            config = connection.client.api.inspect_image(prepared.image)["Config"]
            assert config["Entrypoint"] == ["/usr/bin/env", "-i"]
            assert config["Cmd"] == ["id"]
            assert config["User"] == "nobody"
            assert config["WorkingDir"] == "/tmp"
            connection.client.api.remove_image(prepared.image, force=True)
        finally:
            shared = [image for image in builds.builder.list_builds() if image.parent == f"{name}:1"]
            for image in shared:
                connection.client.api.remove_image(image.id, force=True)
            connection.client.api.remove_image(f"{name}:1")

    def test_a_forced_build_tries_again_to_get_the_notebook_tools(
        self, builds: Builds, connection: Engine, settings: Settings
    ) -> None:
        repository = f"orchest-tui-test-{uuid.uuid4().hex[:8]}"
        name = f"{repository}:1"
        connection.client.api.tag(BASE_IMAGE, repository, "1")
        unreachable = dataclasses.replace(
            settings, proxy={}, pip={"index-url": "http://127.0.0.1:9/simple", "retries": "0"}
        )
        offline = EnvironmentBuilder(connection, unreachable)
        environment = builds.environment("", base_image=name)
        try:
            without = offline.prepare(environment, builds.project, builds.log, print)
            assert without.python is not None
            assert without.tools is None
            assert builds.prepare(environment).tools is None
            forced = builds.prepare(environment, anew=True)
            assert forced.tools is not None
            assert builds.prepare(environment, anew=True) == forced
        finally:
            for image in [image for image in builds.builder.list_builds() if image.parent == name]:
                connection.client.api.remove_image(image.id, force=True)
            connection.client.api.remove_image(name)

    def test_that_can_not_be_had(self, builds: Builds) -> None:
        environment = builds.environment("true", base_image="registry.invalid/nobody/nothing:1")
        assert builds.builder.missing_images([environment], builds.project) == ["registry.invalid/nobody/nothing:1"]
        with pytest.raises(ImageUnavailableError, match=r"registry\.invalid/nobody/nothing:1.*`images`"):
            builds.prepare(environment)

    def test_the_state_of_an_image_is_known(self, builds: Builds, settings: Settings) -> None:
        assert image_state(settings, BASE_IMAGE, PATIENCE) == "here"
        assert image_state(settings, "registry.invalid/nobody/nothing:1", PATIENCE) == "refused"
        assert image_state(settings, "registry.invalid/nobody/nothing:1", 0.0) == "silent"

    def test_what_is_here_is_not_missing(self, builds: Builds) -> None:
        environments = [builds.environment("true"), builds.environment("true", base_image=BASE_IMAGE)]
        assert builds.builder.missing_images(environments, builds.project) == []


class TestFailure:
    def test_tells_exit_code_last_lines_log_and_mend(self, builds: Builds) -> None:
        environment = builds.environment("echo all is well; echo 'no such thing: foo' >&2; exit 3")
        with pytest.raises(BuildError) as caught:
            builds.prepare(environment)
        text = str(caught.value)
        assert "“Under test”" in text
        assert "exit code 3" in text
        assert "no such thing: foo" in text
        assert str(builds.log) in text
        assert "setup_script.sh" in caught.value.mend
        assert builds.builder.built(environment, builds.project) is None
        assert "no such thing: foo" in builds.log.read_text()

    def test_of_a_missing_conda_says_what_to_do(self, builds: Builds) -> None:
        with pytest.raises(BuildError, match="no conda"):
            builds.prepare(builds.environment("conda install -y r-base"))

    def test_leaves_no_container(self, builds: Builds) -> None:
        with pytest.raises(BuildError):
            builds.prepare(builds.environment("exit 1"))
        assert wait_for(lambda: not builds.containers())

    def test_cancelling_ends_it_at_once(self, builds: Builds) -> None:
        cancel = threading.Event()
        environment = builds.environment("echo 'Collecting patience'; sleep 3600")
        ended: list[BaseException] = []

        def build() -> None:
            try:
                builds.prepare(environment, cancel)
            except BuildCancelledError as error:
                ended.append(error)

        thread = threading.Thread(target=build)
        thread.start()
        assert wait_for(lambda: "pip: Collecting patience" in builds.said)
        cancel.set()
        thread.join(PATIENCE)
        assert len(ended) == 1
        assert builds.builder.built(environment, builds.project) is None
        assert wait_for(lambda: not builds.containers())

    def test_the_engine_cleans_up_behind_a_killed_process(self, builds: Builds, settings: Settings) -> None:
        builds.prepare(builds.environment(""))
        program = f"""
from pathlib import Path
from orchest_tui.execution.docker.builds import EnvironmentBuilder
from orchest_tui.execution.docker.client import Engine
from orchest_tui.project.environments import Environment
from orchest_tui.project.settings import Settings
settings = Settings(base_image={settings.base_image!r})
environment = Environment("u", "n", "python", "orchest-tui/base-py", False, "sleep 3600 # {uuid.uuid4()}", Path("."))
say = lambda line: print(line, flush=True)
EnvironmentBuilder(Engine(settings), settings).prepare(environment, Path({str(builds.project)!r}), Path("log"), say)
"""
        process = subprocess.Popen(
            [sys.executable, "-c", program],
            cwd=builds.project.parent,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            wait = iter(process.stdout.readline, "")
            assert any("Running the setup script" in line for line in wait)
            assert builds.containers()
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert wait_for(lambda: not builds.containers())


class TestSharing:
    def test_two_builds_of_one_environment_are_one(self, builds: Builds) -> None:
        environment = builds.environment("date +%N > ~/when")
        results: list[PreparedEnvironment] = []

        def build(number: int) -> None:
            log = builds.project.parent / f"{number}.log"
            results.append(builds.builder.prepare(environment, builds.project, log, builds.said.append))

        threads = [threading.Thread(target=build, args=(number,)) for number in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        assert len(results) == 2
        assert results[0] == results[1]
        assert builds.said.count("Building environment “Under test”") == 1

    def test_prune_removes_what_this_project_no_longer_needs(self, builds: Builds, tmp_path: Path) -> None:
        kept, dropped = builds.environment("echo kept"), builds.environment("echo dropped")
        other_project = tmp_path / "other"
        other_project.mkdir()
        foreign = builds.environment("echo foreign")
        builds.prepare(kept)
        builds.prepare(dropped)
        builds.builder.prepare(foreign, other_project, builds.log, print)
        builds.builder.prune(builds.project, [kept])
        assert builds.builder.built(kept, builds.project) is not None
        assert builds.builder.built(dropped, builds.project) is None
        assert builds.builder.built(foreign, other_project) is not None
        assert builds.builder.built(builds.environment(""), builds.project) is not None
        builds.builder.prune(other_project, [])
        assert builds.builder.built(foreign, other_project) is None

    def test_list_tells_what_was_built(self, builds: Builds) -> None:
        prepared = builds.prepare(builds.environment("true"))
        image = next(image for image in builds.builder.list_builds() if image.id == prepared.image)
        assert image.layer == "environment"
        assert image.key == prepared.key
        assert image.project == str(builds.project)
        assert image.bytes > 0
