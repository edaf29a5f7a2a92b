import os

import pytest

from tests.project.builders import ENVIRONMENT, write_environment


@pytest.fixture(autouse=True)
def own_machine(tmp_path_factory, monkeypatch):
    """Keep the developer's settings, proxies and folders away from the tests."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in list(os.environ):
        unwanted = ("ORCHEST_", "XDG_", "PIP_", "SSL_CERT", "REQUESTS_CA")
        if name.startswith(unwanted) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    return home


@pytest.fixture
def project(tmp_path):
    """A folder with one environment and the files that steps of the tests run."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name in ("load.py", "train.ipynb", "other.sh"):
        (folder / name).write_text("")
    write_environment(folder, ENVIRONMENT)
    return folder
