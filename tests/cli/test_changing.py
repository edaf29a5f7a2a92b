"""Commands that change something: env, config, init, build's choice of environments."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from orchest_tui.project.layout import Layout
from tests.cli.conftest import Command
from tests.conftest import ENVIRONMENT

SECRET = "s3cr3t-v4lue"


def test_variables_are_set_listed_and_removed_without_showing_values(command: Command, project: Path) -> None:
    where = ("--project", project)
    assert command("env", "set", f"TOKEN={SECRET}", "EMPTY=", *where).code == 0
    assert command("env", "set", f"TOKEN={SECRET}2", "--pipeline", "main.orchest", *where).code == 0
    listed = command("env", "list", *where)
    assert SECRET not in listed.out
    assert command("env", "list", "--json", *where).json == [
        {"scope": "project", "name": "EMPTY"},
        {"scope": "project", "name": "TOKEN"},
        {"scope": "main.orchest", "name": "TOKEN"},
    ]
    assert command("env", "unset", "TOKEN", *where).code == 0
    assert [row["name"] for row in command("env", "list", "--json", *where).json] == ["EMPTY", "TOKEN"]
    missing = command("env", "unset", "EMPTY", "NOPE", *where)
    assert missing.code == 2
    assert len(command("env", "list", "--json", *where).json) == 2


def test_the_file_with_variables_is_the_users_alone(command: Command, project: Path) -> None:
    command("env", "set", f"TOKEN={SECRET}", "--project", project)
    file = project / ".orchest" / "tui" / "environment-variables.yaml"
    assert SECRET in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert (project / ".orchest" / "tui" / ".gitignore").read_text() == "*\n"


def test_a_value_comes_from_standard_input(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = tmp_path / "value"
    given.write_text(f"{SECRET}\n")
    with given.open() as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert command("env", "set", "TOKEN", "--project", project).code == 0
        assert command("env", "set", "OTHER", "--project", project).code == 2
    assert SECRET in (project / ".orchest" / "tui" / "environment-variables.yaml").read_text()


def test_a_dotenv_file_is_imported(command: Command, project: Path, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"# comment\nexport TOKEN='{SECRET}'\nURL=http://x\n")
    result = command("env", "import", file, "--project", project)
    assert result.code == 0
    assert result.out == "2 variables were set: TOKEN, URL.\n"
    file.write_text("not a variable\n")
    assert command("env", "import", file, "--project", project).code == 2


def test_config_tells_values_and_sources(command: Command, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "orchest-tui.yaml").write_text("parallel: 3\nexecutor: local\n")
    monkeypatch.setenv("ORCHEST_TUI_EXECUTOR", "docker")
    rows = {row["key"]: row for row in command("config", "--project", project, "--json").json}
    assert (rows["parallel"]["value"], rows["parallel"]["source"].partition(":")[0]) == (3, "project")
    assert rows["executor"]["value"] == "docker"
    assert rows["executor"]["source"] == "environment: ORCHEST_TUI_EXECUTOR"
    assert rows["base_image"]["source"] == "default"
    assert all(row["meaning"] for row in rows.values())
    table = command("config", "--project", project)
    assert "ORCHEST_TUI_EXECUTOR" in table.out


def test_config_shows_what_is_left_to_the_machine(
    command: Command, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = tmp_path / "bundle.crt"
    bundle.write_text("certificates")
    for name in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "https_proxy", "PIP_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    monkeypatch.setenv("HTTPS_PROXY", "http://someone:secret@proxy.example:3128")
    monkeypatch.setenv("PIP_INDEX_URL", "https://packages.example/simple")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    values = {each["key"]: each["value"] for each in command("config", "--project", project, "--json").json}
    assert values["data_dir"] == str(tmp_path / "share" / "orchest-tui" / "data")
    assert values["ca_bundle"] == str(bundle)
    assert values["docker_host"] == "unix:///nowhere/docker.sock"
    assert values["proxy"]["https"] == "http://***@proxy.example:3128"
    assert values["pip"]["index-url"] == "https://packages.example/simple"


def test_config_hides_credentials(command: Command, project: Path) -> None:
    (project / "orchest-tui.yaml").write_text(f"proxy:\n  https: http://me:{SECRET}@proxy:3128\n")
    for arguments in (("--json",), ()):
        result = command("config", "--project", project, *arguments)
        assert SECRET not in result.out
        assert "proxy:3128" in result.out


def test_config_tells_what_is_wrong(command: Command, project: Path) -> None:
    (project / "orchest-tui.yaml").write_text("parallel: many\n")
    result = command("config", "--project", project)
    assert result.code == 1
    assert "orchest-tui.yaml" in result.err
    assert command("steps", "--project", project).code == 2


def test_config_path(command: Command, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    lines = command("config", "path", "--project", project).out.splitlines()
    assert lines == ["/somewhere/orchest-tui/settings.yaml", str(project / "orchest-tui.yaml")]


def test_init_makes_a_project_that_is_well(command: Command, tmp_path: Path) -> None:
    assert command("init", tmp_path / "new").code == 0
    assert command("check", "--project", tmp_path / "new").code == 0
    assert command("steps", "--project", tmp_path / "new").out == "The pipeline has no steps yet.\n"


def test_the_demo_is_copied_and_well(command: Command, tmp_path: Path) -> None:
    assert command("demo", tmp_path / "demo").code == 0
    assert command("check", "--project", tmp_path / "demo").code == 0
    assert len(command("steps", "--project", tmp_path / "demo", "--json").json) >= 7


def test_build_of_an_environment_that_is_not_there_lists_those_that_are(command: Command, project: Path) -> None:
    result = command("build", "Nope", "--project", project)
    assert result.code == 2
    assert f"Python 3 ({ENVIRONMENT[:8]})" in result.err


def test_build_on_the_local_executor(command: Command, project: Path) -> None:
    script = project / ".orchest" / "environments" / ENVIRONMENT / "setup_script.sh"
    script.write_text(f"# of {project} alone: no other test has built it\n")
    built = command("build", "--executor", "local", "--project", project)
    assert built.code == 0, built.err
    assert "Python 3 is ready on local (built in " in built.out
    again = command("build", ENVIRONMENT[:8], "--executor", "local", "--project", project)
    assert again.out.splitlines()[-1] == "Python 3 is ready on local."
    forced = command("build", "--force", "--executor", "local", "--project", project)
    assert "(built in " in forced.out


def test_a_build_that_fails_exits_1_and_shows_harmless_text(command: Command, project: Path) -> None:
    script = project / ".orchest" / "environments" / ENVIRONMENT / "setup_script.sh"
    script.write_text("printf '\\033]0;owned\\007it broke\\n'; exit 3\n")
    result = command("build", "--executor", "local", "--project", project)
    assert result.code == 1
    assert "exit code 3" in result.err
    assert "it broke" in result.err
    assert "\x1b" not in result.err


def test_clean_without_an_engine_has_nothing_to_do(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{project}/no.sock")
    result = command("clean", "--project", project)
    assert result.code == 0
    assert result.out.startswith("There is nothing to remove: ")
    assert command("clean", "--all", "--images").code == 2


def test_clean_shows_what_it_would_remove_and_removes_it(
    command: Command, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{project}/no.sock")
    memory = tmp_path / "memory"
    monkeypatch.setenv("ORCHEST_TUI_MEMORY_DIR", str(memory))
    worker = Layout(project, "pipeline").session_dir(memory) / "run" / "local-1"
    orphan = Layout(tmp_path / "gone", "pipeline").session_dir(memory)
    worker.mkdir(parents=True)
    (worker / "journal.jsonl").write_bytes(b"x" * 4096)

    planned = command("clean", "--dry-run", "--project", project)
    assert planned.out == f"would remove folder of a worker {worker}, 4.1 kB\n"
    assert "Containers were not looked for" in planned.err
    assert worker.is_dir()
    assert command("clean", "--project", project).out == f"removed folder of a worker {worker}, 4.1 kB\n"
    assert not worker.exists()
    assert command("clean", "--all").out.startswith(f"removed memory of a project that is gone, {orphan}, ")
    assert not orphan.exists()
