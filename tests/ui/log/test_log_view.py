"""The widget in a running app: what stands in the cells of the screen after keys."""

from __future__ import annotations

import struct
import time
from pathlib import Path

import pytest
from rich.style import Style
from textual.widgets import Input

from orchest_tui.ui.log import LogView, ViewedLog
from orchest_tui.ui.log.canvas import LogCanvas

from .viewer import SIZES, Viewer, rows, until

sizes = pytest.mark.parametrize("size", SIZES, ids=["80x24", "120x35"])


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "fit.log"
    path.write_text("".join(f"line {number} of the log\n" for number in range(1000)))
    return path


@sizes
async def test_the_last_page_is_shown_and_followed(log: Path, size: tuple[int, int]) -> None:
    app = Viewer(log)
    async with app.run_test(size=size) as pilot:
        screen = await until(pilot, "line 999 of the log")
        assert screen[0] == "fit  FOLLOW  L 1,000/1,000 100%"
        assert screen[1:] == [f"line {number} of the log" for number in range(1001 - size[1], 1000)]
        with log.open("a") as stream:
            stream.write("newest\n")
        screen = await until(pilot, "newest")
        assert screen[-1] == "newest"
        assert "L 1,001/1,001" in screen[0]


@sizes
async def test_moving_about(log: Path, size: tuple[int, int]) -> None:
    app = Viewer(log)
    page = size[1] - 1
    async with app.run_test(size=size) as pilot:
        await pilot.press("g")
        screen = await until(pilot, "line 0 of")
        assert (
            screen[0] == f"fit  PAUSED  L {page}/1,000 {100 * (14 * 10 + (page - 11) * 0) // 1}%"
            or "PAUSED" in screen[0]
        )
        await pilot.press("j", "j", "down", "k")
        assert rows(app)[1] == "line 2 of the log"
        await pilot.press("ctrl+d")
        assert rows(app)[1] == f"line {2 + (page - 1) // 2} of the log"
        await pilot.press("ctrl+u")
        await pilot.press("pagedown")
        assert rows(app)[1] == f"line {2 + page - 1} of the log"
        await pilot.press("pageup", "pageup")
        assert rows(app)[1] == "line 0 of the log"
        await pilot.press("G")
        assert rows(app)[-1] == "line 999 of the log"
        assert "FOLLOW" in rows(app)[0]
        assert app.told == ["pause", "follow"]


async def test_a_paused_log_tells_how_many_lines_came_and_goes_on_at_its_end(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("k")
        with log.open("a") as stream:
            stream.write("new\n" * 12)
        screen = await until(pilot, "PAUSED +12")
        assert screen[-1] == "line 998 of the log"
        await pilot.press("F")
        assert rows(app)[-1] == "new"
        await pilot.press("F", "k", "j", "j")
        assert "FOLLOW" in rows(app)[0]


@sizes
async def test_wrapping_and_panning(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "wide.log"
    path.write_text("0123456789" * 20 + "\nshort\n")
    app = Viewer(path)
    width = size[0]
    async with app.run_test(size=size) as pilot:
        screen = await until(pilot, "short")
        assert screen[1] == ("0123456789" * 20)[: width - 1] + ">"
        await pilot.press("l")
        assert rows(app)[1] == ("0123456789" * 20)[8 : 7 + width] + ">"
        await pilot.press(*["right"] * 30)
        assert rows(app)[1] == ("0123456789" * 20)[-width:]
        await pilot.press("w")
        assert rows(app)[1] == ("0123456789" * 20)[:width]
        assert rows(app)[2] == ("0123456789" * 20)[width : 2 * width]
        await pilot.press("w", "h")
        assert rows(app)[2] == "short"


@sizes
async def test_searching(log: Path, size: tuple[int, int]) -> None:
    app = Viewer(log)
    async with app.run_test(size=size) as pilot:
        await pilot.press("g", "slash", *"LINE 77", "enter")
        await until(pilot, "Not found")
        await pilot.press("slash", *"line 77", "enter")
        screen = await until(pilot, "/line 77 1 of 11")
        assert "line 77 of the log" in screen
        styles = {
            text.rstrip(): style
            for text, style, _ in app.query_one(LogCanvas).render_line(screen.index("line 77 of the log") - 1)
        }
        assert styles["line 77"].reverse
        assert not styles[" of the log"].reverse
        await pilot.press("n")
        assert "/line 77 2 of 11" in rows(app)[0]
        assert "line 770 of the log" in rows(app)
        await pilot.press("N", "N")
        assert "/line 77 11 of 11" in rows(app)[0]
        assert "From the end again" in rows(app)[0]
        await pilot.press("escape")
        assert "/line" not in rows(app)[0]
        await pilot.press("n")
        assert "Nothing was searched for" in rows(app)[0]


async def test_a_bad_expression_is_told_and_can_be_searched_for_as_it_stands(tmp_path: Path) -> None:
    path = tmp_path / "fit.log"
    path.write_text("nothing\nf(x\n")
    app = Viewer(path)
    async with app.run_test(size=(100, 24), notifications=True) as pilot:
        await pilot.press("slash", *"f(x", "enter")
        await until(pilot, "is no regular expression")
        assert app.focused is app.query_one(Input)
        await pilot.press("ctrl+r", "enter")
        await until(pilot, "/f(x 1 of 1")


@sizes
async def test_showing_only_lines_that_match(log: Path, size: tuple[int, int]) -> None:
    app = Viewer(log)
    async with app.run_test(size=size) as pilot:
        await pilot.press("ampersand", *"line 9?5 ", "enter")
        screen = await until(pilot, "&line 9?5  2")
        assert [row for row in screen[1:] if row] == ["line 5 of the log", "line 95 of the log"]
        with log.open("a") as stream:
            stream.write("another line 95 !\nand no match\n")
        screen = await until(pilot, "another line 95 !")
        assert "and no match" not in screen
        await pilot.press("ampersand", *"no such thing", "enter")
        await until(pilot, "No line matches")
        await pilot.press("ampersand", "enter")
        assert rows(app)[-1] == "and no match"


async def test_errors(tmp_path: Path) -> None:
    path = tmp_path / "fit.log"
    lines = ["fine"] * 300
    lines[50] = "12:00 ERROR one"
    lines[200] = "Traceback (most recent call last):"
    path.write_text("\n".join(lines) + "\n")
    app = Viewer(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "e")
        screen = await until(pilot, "errors 1 of 2")
        assert "12:00 ERROR one" in screen
        await pilot.press("e")
        assert "Traceback (most recent call last):" in rows(app)
        await pilot.press("E")
        assert "12:00 ERROR one" in rows(app)
        assert "errors 1 of 2" in rows(app)[0]


async def test_selecting_and_copying(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "v", "j", "j")
        assert "SELECT" in rows(app)[0]
        selected = [app.query_one(LogCanvas).render_line(row)._segments[0].style for row in (0, 2, 3)]
        assert [bool(style and style.reverse) for style in selected] == [True, True, False]
        await pilot.press("y")
        await pilot.pause()
        text = "line 0 of the log\nline 1 of the log\nline 2 of the log"
        assert app.clipboard == text
        clip = log.with_name("clip.txt")
        assert clip.read_text() == text
        assert clip.stat().st_mode & 0o777 == 0o600
        assert app.told[-1] == f"3 lines sent to the terminal's clipboard; kept in {clip}"
        assert "SELECT" not in rows(app)[0]
        await pilot.press("Y")
        await pilot.pause()
        assert app.clipboard == "\n".join(f"line {number} of the log" for number in range(1000))


async def test_too_much_to_copy_is_told(tmp_path: Path) -> None:
    path = tmp_path / "fit.log"
    path.write_text("x" * 60_000 + "\n" + "y" * 40_000 + "\n")
    app = Viewer(path)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("Y")
        await pilot.pause()
        assert app.told[-1] == f"100,002 bytes are too much for the clipboard; the log is {path}"
        await pilot.press("g", "v", "G", "y")
        await pilot.pause()
        assert app.told[-1].startswith("2 lines are too much for the terminal's clipboard; kept in")
        assert len(path.with_name("clip.txt").read_text()) == 100_001


async def test_escape_goes_back_one_level_and_then_to_the_host(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"line", "enter", "v", "slash", "escape")
        assert app.model.selection.active
        await pilot.press("escape")
        assert not app.model.selection.active
        assert app.model.searches.search is not None
        await pilot.press("escape")
        assert app.model.searches.search is None
        assert not app.escaped
        await pilot.press("escape")
        assert app.escaped


@sizes
async def test_several_logs_as_one(log: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    other = tmp_path / "a_very_long_name.log"
    other.write_text("from the other\n")
    app = Viewer(log, other)
    async with app.run_test(size=size) as pilot:
        await pilot.press("a")
        with other.open("a") as stream:
            stream.write("later\n")
        screen = await until(pilot, "later")
        assert screen[-1] == "a_very_lon later"
        assert screen[-2] in {"fit        line 999 of the log", "a_very_lon from the other"}
        await pilot.press("y")
        await pilot.pause()
        assert "fit" not in app.clipboard
        await pilot.press("a")
        assert rows(app)[-1] == "line 999 of the log"


async def test_merging_one_log_is_the_hosts_business(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("a")
        await pilot.pause()
        assert app.told == ["merge"]


async def test_times(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("t")
        assert "No times" in rows(app)[0]
        log.with_name("fit.log.times").write_bytes(struct.pack("<Qd", 0, 0.0))
        await pilot.press("t")
        assert rows(app)[-1] == f"{time.strftime('%H:%M:%S', time.localtime(0))} line 999 of the log"
        await pilot.press("t")
        assert rows(app)[-1] == "line 999 of the log"


@sizes
async def test_what_a_log_may_hold(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "odd.log"
    path.write_bytes(
        b"\x1b]0;title\x07[bold]no markup[/]\n\x1b[2J\x1b[31mred\x1b[0m\n 10%\r100%\n"
        + "模型 训练 🚀 done\n\u202eright to left\n\u05e9\u05dc\u05d5\u05dd\n".encode()
        + b"\xff\xfe\x00 bytes\n"
    )
    app = Viewer(path, title="[b]x[/] \x1b[2J")
    async with app.run_test(size=size) as pilot:
        screen = await until(pilot, "bytes")
        assert screen[0].startswith("[b]x[/]   FOLLOW")
        assert screen[1:8] == [
            "[bold]no markup[/]",
            "red",
            "100%",
            "模型 训练 🚀 done",
            "right to left",
            "\u05e9\u05dc\u05d5\u05dd",
            "\ufffd\ufffd bytes",
        ]
        (red, *_) = app.query_one(LogCanvas).render_line(1)
        assert red.style is not None
        assert red.style.color is not None
        assert red.style.color.name == "red"


async def test_a_log_that_is_not_there_is_told_and_shown_when_it_comes(tmp_path: Path) -> None:
    path = tmp_path / "later.log"
    app = Viewer(path)
    async with app.run_test(size=(80, 24)) as pilot:
        assert (await until(pilot, "No log yet."))[1] == "No log yet."
        path.write_bytes(b"")
        await until(pilot, "Nothing yet")
        path.write_bytes(b"here it is")
        await until(pilot, "here it is")


async def test_another_log_is_shown(log: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.log"
    other.write_text("quite other\n")
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("slash", *"line", "enter", "v", "w")
        app.query_one(LogView).show([ViewedLog(other)], title="other")
        screen = await until(pilot, "quite other")
        assert screen[0] == "other  FOLLOW  L 1/1 100%"


async def test_resizing_keeps_the_end_in_sight(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        for size in [(40, 10), (120, 35), (12, 3), (80, 24)]:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert rows(app)[-1] == ("line 999 of>" if size[0] == 12 else "line 999 of the log")


async def test_no_colour_does_not_crash(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("g", "v", "j", "slash", *"line", "enter")
        await until(pilot, "/line")
        canvas = app.query_one(LogCanvas)
        assert all(isinstance(segment.style, Style) for row in range(23) for segment in canvas.render_line(row))


async def test_nothing_is_painted_while_the_terminal_is_busy(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    busy = True
    monkeypatch.setattr("orchest_tui.ui.log.log_view.terminal_is_busy", lambda app: busy)
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "line 999 of the log")
        with log.open("a") as stream:
            stream.write("newest\n")
        await pilot.press("g")
        await pilot.pause(0.5)
        assert rows(app)[-1] == "line 999 of the log"
        busy = False
        await until(pilot, "line 0 of the log")


async def test_only_what_changed_is_painted(log: Path) -> None:
    app = Viewer(log)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, "line 999 of the log")
        canvas = app.query_one(LogCanvas)
        painted = []
        original = canvas.refresh

        def refresh(*regions, **options):
            painted.extend(regions)
            return original(*regions, **options)

        canvas.refresh = refresh
        canvas.paint(app.model)
        assert painted == []
        await pilot.press("k")
        assert painted
        assert all(region.height == 1 and region.x >= 5 and region.right <= 8 for region in painted)
