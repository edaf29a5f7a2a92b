"""The content address of an environment: what changes it, and what must not."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.execution.environment_key import environment_key, named_files, normalised_script
from orchest_tui.execution.recipes import mapped_image, parent_key, plain_name, recipe_key, stand_in
from orchest_tui.project.environments import Environment
from orchest_tui.project.settings import Settings


def environment(**changes: object) -> Environment:
    plain = Environment(
        uuid="0f1e",
        name="Python 3",
        language="python",
        base_image="orchest/base-kernel-py",
        gpu_support=False,
        setup_script="pip install -r requirements.txt\n",
        folder=Path("/nowhere"),
    )
    return dataclasses.replace(plain, **changes)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "requirements.txt").write_text("-r more/common.txt\n--constraint=limits.txt\npandas\n")
    (tmp_path / "limits.txt").write_text("pandas<3\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "common.txt").write_text("requests\n")
    (tmp_path / "unrelated.py").write_text("x = 1\n")
    return tmp_path


class TestKey:
    def test_is_hexadecimal_and_the_same_every_time(self, project: Path) -> None:
        key = environment_key(environment(), project, Settings())
        assert key == environment_key(environment(), project, Settings())
        assert len(key) == 32
        assert int(key, 16) >= 0

    @pytest.mark.parametrize(
        "changes",
        [
            {"base_image": "orchest-tui/base-py"},
            {"base_image": "python:3.8"},
            {"setup_script": "pip install -r requirements.txt\npip install xgboost\n"},
            {"gpu_support": True},
        ],
    )
    def test_changes_with_what_the_image_is_made_of(self, project: Path, changes: dict[str, object]) -> None:
        assert environment_key(environment(**changes), project, Settings()) != environment_key(
            environment(), project, Settings()
        )

    @pytest.mark.parametrize(
        "changes",
        [
            {"uuid": "other"},
            {"name": "Another name"},
            {"folder": Path("/elsewhere")},
            {"setup_script": "pip install -r requirements.txt\r\n\r\n"},
            {"base_image": "orchest/base-kernel-py:v2022.10.3"},
            {"base_image": "docker.io/orchest/base-kernel-py"},
        ],
    )
    def test_stays_with_what_makes_no_difference(self, project: Path, changes: dict[str, object]) -> None:
        assert environment_key(environment(**changes), project, Settings()) == environment_key(
            environment(), project, Settings()
        )

    @pytest.mark.parametrize("name", ["requirements.txt", "limits.txt", "more/common.txt"])
    def test_changes_with_the_files_that_the_script_names(self, project: Path, name: str) -> None:
        before = environment_key(environment(), project, Settings())
        (project / name).write_text("numpy\n")
        assert environment_key(environment(), project, Settings()) != before

    def test_stays_when_another_file_changes(self, project: Path) -> None:
        before = environment_key(environment(), project, Settings())
        (project / "unrelated.py").write_text("x = 2\n")
        assert environment_key(environment(), project, Settings()) == before

    def test_is_the_same_in_another_folder_with_the_same_files(self, project: Path, tmp_path_factory) -> None:
        copy = tmp_path_factory.mktemp("copy")
        for name in ("requirements.txt", "limits.txt"):
            (copy / name).write_text((project / name).read_text())
        (copy / "more").mkdir()
        (copy / "more" / "common.txt").write_text("requests\n")
        assert environment_key(environment(), copy, Settings()) == environment_key(environment(), project, Settings())

    def test_base_image_matters_to_recipes_only(self, project: Path) -> None:
        other = Settings(base_image="debian:12")
        assert environment_key(environment(), project, other) != environment_key(environment(), project, Settings())
        foreign = environment(base_image="python:3.8")
        assert environment_key(foreign, project, other) == environment_key(foreign, project, Settings())

    def test_network_settings_do_not_matter(self, project: Path) -> None:
        behind = Settings(ca_bundle="none", proxy={"https": "http://proxy:3128"}, pip={"index-url": "https://mirror"})
        assert environment_key(environment(), project, behind) == environment_key(environment(), project, Settings())

    def test_an_unreadable_file_is_no_error(self, project: Path) -> None:
        (project / "requirements.txt").unlink()
        (project / "requirements.txt").symlink_to("requirements.txt")
        assert environment_key(environment(), project, Settings())


class TestNormalisedScript:
    @pytest.mark.parametrize(
        "script", ["", "\n\n", "#!/bin/bash\n\n# Install here.\n   # pip install x", "\ufeff#!/bin/bash"]
    )
    def test_nothing_but_comments_is_empty(self, script: str) -> None:
        assert normalised_script(script) == ""

    def test_line_ends_become_lf(self) -> None:
        assert normalised_script("a\r\nb\r\n\r\n") == "a\nb\n"
        assert normalised_script("a\r\r\n\\") == "a\n\\\n"

    @given(st.text(alphabet=st.sampled_from("ab# \t\r\n\\$\"'"), max_size=40))
    def test_normalising_twice_is_normalising_once(self, script: str) -> None:
        once = normalised_script(script)
        assert normalised_script(once) == once


class TestNamedFiles:
    @pytest.mark.parametrize(
        ("script", "expected"),
        [
            ("pip install -r requirements.txt", {"requirements.txt", "limits.txt", "more/common.txt"}),
            ("pip install -rlimits.txt", {"limits.txt"}),
            ("pip install --requirement=limits.txt", {"limits.txt"}),
            ('pip install -r "/project-dir/limits.txt"', {"limits.txt"}),
            ("cat ./limits.txt|xargs pip install", {"limits.txt"}),
            ("cd more && pip install -r common.txt", {"more/common.txt"}),
            ("pip install pandas", set()),
            ("pip install -r ../outside.txt -r /etc/passwd", set()),
        ],
    )
    def test_words_that_are_paths(self, project: Path, script: str, expected: set[str]) -> None:
        (project.parent / "outside.txt").write_text("x\n")
        assert {str(path) for path in named_files(script, project)} == expected

    def test_a_folder_stands_for_its_package_files(self, project: Path) -> None:
        (project / "pyproject.toml").write_text("[project]\n")
        assert Path("pyproject.toml") in named_files("pip install -e .", project)

    @given(st.text(max_size=300))
    def test_any_text_is_a_script(self, tmp_path_factory, script: str) -> None:
        folder = tmp_path_factory.getbasetemp()
        for path in named_files(script + " " + "x" * 5000, folder):
            assert (folder / path).is_file()


class TestImages:
    @pytest.mark.parametrize(
        ("image", "recipe"),
        [
            ("orchest/base-kernel-py", "kernel-py"),
            ("orchest/base-kernel-py:v2022.10.3", "kernel-py"),
            ("docker.io/orchest/base-kernel-py-gpu", "kernel-py"),
            ("elyra/kernel-py:2.5.2", "kernel-py"),
            ("orchest-tui/base-py", "base-py"),
            ("orchest/base-kernel-r", None),
            ("registry:quay.io/me/image:1", None),
            ("localhost:5000/orchest/base-kernel-py", None),
        ],
    )
    def test_what_a_recipe_stands_in_for(self, image: str, recipe: str | None) -> None:
        assert stand_in(image) == recipe

    def test_names_are_mapped_with_and_without_tag(self) -> None:
        images = {"orchest/base-kernel-r": "registry:quay.io/mine/r:1", "python:3.8": "python:3.12"}
        assert mapped_image("orchest/base-kernel-r:v2022.1", images) == "quay.io/mine/r:1"
        assert mapped_image("docker.io/python:3.8", images) == "python:3.12"
        assert mapped_image("python:3.9", images) == "python:3.9"

    def test_prefixes_go(self) -> None:
        assert plain_name(" registry:quay.io/x/y:1 ") == "quay.io/x/y:1"
        assert plain_name("docker.io/library/python:3.8") == "library/python:3.8"

    def test_a_name_can_be_mapped_to_a_recipe(self) -> None:
        settings = Settings(images={"orchest/base-kernel-r": "orchest-tui/base-py"})
        assert parent_key("orchest/base-kernel-r", settings) == recipe_key("base-py", settings)
