"""What builds are made of and that needs no engine: layers, the project's copy, the log, instructions."""

from __future__ import annotations

import dataclasses
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.errors import BuildError
from orchest_tui.execution import build_context
from orchest_tui.execution.build_context import IgnoreRules, project_archive
from orchest_tui.execution.build_log import BuildLog, telling
from orchest_tui.execution.docker.build_container import instruction
from orchest_tui.execution.docker.layers import origin, plan
from orchest_tui.project.environments import Environment
from orchest_tui.project.settings import Settings

PLAIN = Environment("0f1e", "Python 3", "python", "orchest/base-kernel-py", False, "", Path("/nowhere"))


def kinds(environment: Environment, settings: Settings | None = None) -> list[str]:
    return [layer.kind for layer in plan(environment, Path("/nowhere"), settings or Settings())]


class TestPlan:
    def test_an_empty_script_makes_no_layer(self) -> None:
        assert kinds(PLAIN) == ["base", "packages"]
        assert kinds(dataclasses.replace(PLAIN, base_image="orchest-tui/base-py")) == ["base"]
        assert kinds(dataclasses.replace(PLAIN, base_image="python:3.8")) == ["foreign"]

    def test_a_script_makes_one_on_top(self) -> None:
        layers = plan(dataclasses.replace(PLAIN, setup_script="true"), Path("/nowhere"), Settings())
        assert [layer.kind for layer in layers] == ["base", "packages", "environment"]
        assert [layer.parent for layer in layers[1:]] == [layer.tag for layer in layers[:-1]]
        assert layers[0].parent == "python:3.11-slim"

    def test_settings_can_put_a_real_image_in_a_recipes_place(self) -> None:
        settings = Settings(images={"orchest/base-kernel-py": "mine/py:1"})
        assert kinds(PLAIN, settings) == ["foreign"]
        assert origin(PLAIN, settings) == "mine/py:1"

    def test_the_recipes_start_from_the_base_image(self) -> None:
        settings = Settings(base_image="python:3.11-slim", images={"python:3.11-slim": "mirror/python:3.11"})
        assert origin(PLAIN, settings) == "mirror/python:3.11"


class TestIgnoreRules:
    @pytest.mark.parametrize(
        ("rules", "path", "folder", "ignored"),
        [
            (["*.csv"], "data/big.csv", False, True),
            (["*.csv", "!keep.csv"], "keep.csv", False, False),
            (["/data"], "data", True, True),
            (["/data"], "sub/data", True, False),
            (["cache/"], "sub/cache", True, True),
            (["cache/"], "cache", False, False),
            (["a/*.txt"], "a/x.txt", False, True),
            (["a/*.txt"], "a/b/x.txt", False, False),
            (["a/**/x"], "a/b/c/x", False, True),
            (["a/**"], "a/b/c", False, True),
            (["**/logs"], "a/b/logs", True, True),
            (["file?.[!p]y"], "file1.xy", False, True),
            (["file?.[!p]y"], "file1.py", False, False),
            (["# comment", "", "\\#kept"], "#kept", False, True),
            (["[z-a]"], "a", False, False),
        ],
    )
    def test_as_git_does(self, rules: list[str], path: str, folder: bool, ignored: bool) -> None:
        assert IgnoreRules(rules).ignores(path, folder=folder) is ignored

    @given(st.lists(st.text(max_size=20)), st.text(min_size=1, max_size=20))
    def test_any_line_is_a_rule_or_none(self, rules: list[str], path: str) -> None:
        assert IgnoreRules(rules).ignores(path, folder=False) in {True, False}


class TestProjectArchive:
    def names(self, project: Path, notes: list[str]) -> set[str]:
        with project_archive(project, notes.append) as archive, tarfile.open(fileobj=archive) as tar:
            return set(tar.getnames())

    def test_leaves_out_state_and_what_git_ignores(self, tmp_path: Path) -> None:
        for name in (
            "a.py",
            "big.csv",
            ".git/config",
            ".orchest/tui/x",
            ".orchest/pipelines/u/l",
            ".orchest/environments/e",
        ):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("x")
        (tmp_path / ".gitignore").write_text("*.csv\n")
        (tmp_path / "link").symlink_to("a.py")
        notes: list[str] = []
        assert self.names(tmp_path, notes) == {
            "a.py",
            "link",
            ".gitignore",
            ".orchest",
            ".orchest/environments",
            ".orchest/environments/e",
        }
        assert notes == []

    def test_anyone_may_change_the_copy(self, tmp_path: Path) -> None:
        script = tmp_path / "x.sh"
        script.write_text("true")
        script.chmod(0o700)
        (tmp_path / "folder").mkdir(mode=0o700)
        with project_archive(tmp_path, print) as archive, tarfile.open(fileobj=archive) as tar:
            assert tar.getmember("x.sh").mode & 0o777 == 0o766
            assert tar.getmember("folder").mode & 0o777 == 0o777
            assert tar.getmember("x.sh").uid == 0

    def test_of_a_big_project_only_small_files(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(build_context, "_SIZE_LIMIT", 1000)
        monkeypatch.setattr(build_context, "_FILE_LIMIT", 500)
        (tmp_path / "small").write_bytes(b"x" * 500)
        (tmp_path / "big").write_bytes(b"x" * 501)
        notes: list[str] = []
        assert self.names(tmp_path, notes) == {"small"}
        assert len(notes) == 1

    def test_a_project_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(BuildError, match="missing"):
            project_archive(tmp_path / "missing", print)


class TestBuildLog:
    def test_keeps_what_comes_as_it_comes(self, tmp_path: Path) -> None:
        path = tmp_path / "deep" / "build.log"
        with BuildLog(path, lambda _: None) as log:
            log.write(b"10%\r20%\r")
            log.write(b"\xff\x1b[31mred\x1b[0m\n")
            assert path.read_bytes() == b"10%\r20%\r\xff\x1b[31mred\x1b[0m\n"

    def test_tail_is_harmless_text(self, tmp_path: Path) -> None:
        with BuildLog(tmp_path / "log", lambda _: None) as log:
            log.write(b"one\n\n\x1b[2Jtwo \x1b]0;title\x07\nunfini")
            log.write(b"shed")
            log.note("the end")
            assert log.tail == ("one", "two", "unfinished")

    def test_reports_stages_and_telling_lines(self, tmp_path: Path) -> None:
        said: list[str] = []
        with BuildLog(tmp_path / "log", said.append) as log:
            log.stage("Building")
            log.write(b"Collecting pan")
            log.write(b"das>=2 (from x)\nSetting up git (1:2.39) ...\nanything else\n")
        assert said == ["Building", "pip: Collecting pandas>=2", "apt: Setting up git"]

    def test_a_line_without_end_takes_no_memory(self, tmp_path: Path) -> None:
        with BuildLog(tmp_path / "log", lambda _: None) as log:
            for _ in range(100):
                log.write(b"x" * 10_000)
            log.note("end")
            assert len(log.tail[-1]) < 1000

    def test_a_log_that_can_not_be_made(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        with pytest.raises(BuildError, match="can't be written"):
            BuildLog(tmp_path / "file" / "log", lambda _: None)

    def test_other_lines_tell_nothing(self) -> None:
        assert telling("Hello, Collecting") is None
        assert telling("Downloading numpy-2.0-cp311.whl (18.0 MB)") == "pip: Downloading numpy-2.0-cp311.whl (18.0 MB)"


def test_instructions_quote_their_values() -> None:
    assert instruction("LABEL", "k", 'a "b" $c \\d') == 'LABEL k="a \\"b\\" \\$c \\\\d"'
