from pathlib import Path

import pytest

from orchest_tui.errors import OrchestTuiError
from orchest_tui.project.layout import user_settings_file
from orchest_tui.project.network import ca_bundle_path, network_environment
from orchest_tui.project.settings import KEYS, Settings, load_settings


@pytest.fixture
def user(own_machine):
    """Write the user's settings."""

    def write(text):
        user_settings_file().parent.mkdir(parents=True)
        user_settings_file().write_text(text)

    return write


@pytest.fixture
def shared(tmp_path):
    """Write the project's settings."""
    return (tmp_path / "orchest-tui.yaml").write_text


def told(loaded):
    return [(problem.severity, problem.place, problem.code) for problem in loaded.problems]


def test_without_any_source_all_is_default(tmp_path):
    loaded = load_settings(tmp_path)
    assert loaded.settings == Settings()
    assert set(loaded.sources.values()) == {"default"}
    assert loaded.problems == ()
    assert list(loaded.sources) == list(KEYS)
    assert all(key.meaning for key in KEYS.values())


def test_later_sources_win(tmp_path, user, shared, monkeypatch):
    names = ("warm_spares", "parallel", "keep_runs", "theme")
    user("".join(f"{name}: {'u' if name == 'theme' else 1}\n" for name in names))
    shared("parallel: 2\nkeep_runs: 2\ntheme: p\n")
    monkeypatch.setenv("ORCHEST_TUI_KEEP_RUNS", "3")
    monkeypatch.setenv("ORCHEST_TUI_THEME", "e")
    monkeypatch.setenv("ORCHEST_TUI_LIVE", "")
    loaded = load_settings(tmp_path, {"theme": "f", "executor": None})
    settings = loaded.settings
    assert (settings.warm_spares, settings.parallel, settings.keep_runs, settings.theme) == (1, 2, 3, "f")
    assert [loaded.sources[name] for name in (*names, "executor", "live")] == [
        f"user: {user_settings_file()}",
        f"project: {tmp_path / 'orchest-tui.yaml'}",
        "environment: ORCHEST_TUI_KEEP_RUNS",
        "flag",
        "default",
        "default",
    ]
    assert loaded.problems == ()


def test_names_and_values_in_mappings_are_texts(tmp_path, shared):
    shared("proxy: {no: localhost, http: 'http://p'}\nimages: {a: 3.10}\npip: {extra-index-url: [x, y], retries: 5}\n")
    settings = load_settings(tmp_path).settings
    assert settings.proxy == {"no": "localhost", "http": "http://p"}
    assert settings.images == {"a": "3.10"}
    assert settings.pip == {"extra-index-url": "x y", "retries": "5"}
    with pytest.raises(TypeError):
        settings.images["b"] = "c"


def test_every_fault_is_told_with_its_line(tmp_path, user, monkeypatch):
    user("executor: kubernetes\nparalel: 2\nlive: maybe\nabort_grace: -1\nproxy: {ftp: x}\nlive: true\nzzz:\n")
    monkeypatch.setenv("ORCHEST_TUI_PARALLEL", "two")
    monkeypatch.setenv("ORCHEST_TUI_IMAGES", "{")
    monkeypatch.setenv("ORCHEST_TUI_WARM_SPARE", "1")
    monkeypatch.setenv("ORCHEST_TUI_SOCKET", "/x")
    loaded = load_settings(tmp_path)
    assert sorted(told(loaded)) == sorted(
        [
            ("error", "line 1", "bad-setting"),
            ("warning", "line 2", "unknown-setting"),
            ("error", "line 3", "bad-setting"),
            ("error", "line 4", "bad-setting"),
            ("error", "line 5", "bad-setting"),
            ("warning", "line 6", "duplicate-key"),
            ("warning", "line 7", "unknown-setting"),
            ("error", "ORCHEST_TUI_PARALLEL", "bad-setting"),
            ("error", "ORCHEST_TUI_IMAGES", "bad-setting"),
            ("warning", "ORCHEST_TUI_WARM_SPARE", "unknown-setting"),
        ]
    )
    assert loaded.settings == Settings(live=True)
    mends = [problem.mend for problem in loaded.problems]
    assert "Did you mean parallel" in mends
    assert "Did you mean ORCHEST_TUI_WARM_SPARES" in mends
    assert "Write one of auto, docker, local" in mends


def test_a_value_is_never_part_of_a_message(tmp_path, user, monkeypatch):
    user("proxy: https://me:secret@proxy\npip: secret\n")
    monkeypatch.setenv("ORCHEST_TUI_PROXY", "secret")
    assert "secret" not in str(load_settings(tmp_path).problems)


@pytest.mark.parametrize(
    ("text", "place"),
    [("a: }", "line 1, column 4"), ("- a", "line 1"), ("live: !!python/none x", "line 1, column 7"), ("\x01", "")],
)
def test_what_is_no_mapping_is_told(tmp_path, shared, text, place):
    shared(text)
    assert [(problem.place, problem.code) for problem in load_settings(tmp_path).problems] == [(place, "bad-yaml")]


def test_aliases_that_multiply_are_refused(tmp_path, shared):
    shared("images:\n  a: &a [x, x]\n  b: &b [*a, *a]\n  c: [*b, *b]\n")
    assert [problem.code for problem in load_settings(tmp_path).problems] == ["bad-yaml"]


def test_an_empty_file_and_keys_without_values(tmp_path, user, shared):
    user("# nothing\n")
    shared("theme:\n")
    assert load_settings(tmp_path).settings == Settings()
    assert load_settings(tmp_path).problems == ()


def test_a_project_does_not_say_what_concerns_the_machine(tmp_path, shared):
    shared("data_dir: /\nmemory_dir: /\ndocker_host: tcp://x\nca_bundle: /x\nparallel: 3\n")
    loaded = load_settings(tmp_path)
    assert loaded.settings == Settings(parallel=3)
    assert told(loaded) == [("warning", f"line {line}", "machine-setting") for line in range(1, 5)]


def test_paths_start_from_where_they_were_written(tmp_path, user, monkeypatch, own_machine):
    user("data_dir: data\nmemory_dir: ~/memory\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORCHEST_TUI_CA_BUNDLE", "ca.pem")
    settings = load_settings(None).settings
    assert settings.data_dir == user_settings_file().parent / "data"
    assert settings.memory_dir == own_machine / "memory"
    assert settings.ca_bundle == str(tmp_path / "ca.pem")


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("live", "yes", True),
        ("touch", "0", False),
        ("parallel", "4", 4),
        ("abort_grace", "1.5", 1.5),
        ("abort_grace", "2m", 120.0),
        ("images", '{"a": "b"}', {"a": "b"}),
        ("keymap", '{"run": ["r", "f5"]}', {"run": "r,f5"}),
        ("ca_bundle", "none", "none"),
        ("data_dir", "/d", Path("/d")),
    ],
)
def test_texts_from_outside(key, text, value, monkeypatch):
    assert getattr(load_settings(None, {key: text}).settings, key) == value
    monkeypatch.setenv(f"ORCHEST_TUI_{key.upper()}", text)
    assert getattr(load_settings(None).settings, key) == value


def test_flags_keep_their_types():
    assert load_settings(None, {"parallel": 2, "data_dir": Path("/d"), "live": True}).settings == Settings(
        parallel=2, data_dir=Path("/d"), live=True
    )


def test_proxies_come_from_the_settings_or_the_shell(monkeypatch):
    assert network_environment(Settings()) == {}
    monkeypatch.setenv("https_proxy", "http://shell")
    monkeypatch.setenv("ALL_PROXY", "socks://shell")
    assert network_environment(Settings()) == {
        "HTTPS_PROXY": "http://shell",
        "https_proxy": "http://shell",
        "ALL_PROXY": "socks://shell",
        "all_proxy": "socks://shell",
    }
    assert network_environment(Settings(proxy={"no": "localhost"})) == {
        "NO_PROXY": "localhost",
        "no_proxy": "localhost",
    }


def test_pip_options_come_from_the_settings_or_the_shell(monkeypatch):
    monkeypatch.setenv("PIP_INDEX_URL", "file:///mirror")
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://a/simple /local http://b/simple")
    monkeypatch.setenv("PIP_TRUSTED_HOST", "b")
    monkeypatch.setenv("PIP_CACHE_DIR", "/home/me")
    assert network_environment(Settings()) == {
        "PIP_EXTRA_INDEX_URL": "https://a/simple http://b/simple",
        "PIP_TRUSTED_HOST": "b",
    }
    assert network_environment(Settings(pip={"index-url": "https://c"})) == {"PIP_INDEX_URL": "https://c"}


def test_certificates(tmp_path, monkeypatch):
    bundle = tmp_path / "ca.pem"
    bundle.touch()
    assert ca_bundle_path(Settings()) is None
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "gone.pem"))
    monkeypatch.setenv("PIP_CERT", str(bundle))
    assert ca_bundle_path(Settings()) == bundle
    assert ca_bundle_path(Settings(ca_bundle="none")) is None
    assert ca_bundle_path(Settings(ca_bundle=str(bundle))) == bundle
    with pytest.raises(OrchestTuiError, match="is not there"):
        ca_bundle_path(Settings(ca_bundle=str(tmp_path / "gone.pem")))
