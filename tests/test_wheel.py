"""The wheel holds everything that the program needs, and works where nothing but it and its dependencies is there."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without any network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    subprocess.run([*command, "--wheel-dir", str(folder), str(ROOT)], check=True, timeout=300)
    [built] = folder.glob("orchest_tui-*.whl")
    return built


def package_files(folder: Path, prefix: str) -> set[str]:
    """Return the names under which the files below ``folder`` must stand in the wheel."""
    return {
        f"{prefix}/{path.relative_to(folder).as_posix()}"
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    }


def test_every_file_of_the_package_is_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert package_files(ROOT / "orchest_tui", "orchest_tui") <= names
    assert package_files(ROOT / "themes", "orchest_tui/themes") <= names
    for needed in (
        "orchest_tui/py.typed",
        "orchest_tui/demo/project/main.orchest",
        "orchest_tui/step/sdk/orchest/__init__.py",
        "orchest_tui/step/runner/__main__.py",
    ):
        assert needed in names


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert {top.partition("-")[0] for top in tops} == {"orchest_tui"}
    assert not any("__pycache__" in name for name in zipfile.ZipFile(wheel).namelist())


def test_the_installed_wheel_runs(wheel: Path, tmp_path: Path) -> None:
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*install, str(wheel)], check=True, timeout=300)
    # The dependencies come from the environment that runs the tests; its .pth files, and so this checkout, do not.
    [packages] = (environment / "lib").glob("python3*/site-packages")
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")

    where = subprocess.run(
        [python, "-c", "import orchest_tui; print(orchest_tui.__file__)"],
        capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    assert Path(where.stdout.strip()).is_relative_to(environment)
    demo = tmp_path / "demo"
    command = environment / "bin" / "orchest-tui"
    subprocess.run([command, "demo", str(demo)], check=True, capture_output=True, timeout=60)
    assert (demo / "main.orchest").is_file()
    checked = subprocess.run(
        [command, "check", "--project", str(demo)], capture_output=True, text=True, check=False, timeout=60
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
