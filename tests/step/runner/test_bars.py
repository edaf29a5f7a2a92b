"""Progress bars at a log's end: what real programs write, and anything at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchest_tui.step.runner.bars import BarWatch, read_bar, read_line
from orchest_tui.step.runner.messages import Progress

TQDM = (
    "\r  0%|          | 0/100 [00:00<?, ?it/s]"
    "\r 10%|█         | 10/100 [00:00<00:00, 98.10it/s]"
    "\r 34%|███▍      | 34/100 [00:03<00:06,  9.98it/s]"
)
TQDM_BYTES = "\rfile.bin:   9%|▉         | 914k/10.0M [00:00<00:01, 7.61MB/s]"
TQDM_NO_TOTAL = "\rnototal: 20it [00:00, 49.24it/s]"
PIP = (
    "\r\x1b[2K     \x1b[91m━━━━━━━\x1b[0m\x1b[91m╸\x1b[0m\x1b[90m━━━━\x1b[0m \x1b[32m12.6/16.9 MB\x1b[0m "
    "\x1b[31m18.3 MB/s\x1b[0m eta \x1b[36m0:00:01\x1b[0m"
)
RICH = (
    "\r\x1b[2KWorking \x1b[91m━━━━━━━━━━\x1b[0m\x1b[90m╺\x1b[0m\x1b[90m━━\x1b[0m \x1b[35m 25%\x1b[0m "
    "\x1b[36m0:00:01\x1b[0m"
)
RICH_TWO = (
    "Load  ━━━  10% 0:00:09\nSave  ━━━   5% 0:00:10"
    "\r\x1b[2K\x1b[1A\x1b[2KLoad  ━━━  20% 0:00:08\nSave  ━━━  10% 0:00:09"
)
CURL = (
    "  % Total    % Received % Xferd  Average Speed   Time    Time     Time  Current\n"
    "                                 Dload  Upload   Total   Spent    Left  Speed\n"
    "\r  0     0    0     0    0     0      0      0 --:--:-- --:--:-- --:--:--     0"
    "\r 65 40.0M   65 26.0M    0     0  19.9M      0  0:00:02  0:00:01  0:00:01 19.9M"
)
CURL_BAR = "\r############                  17.1%\r###################                     27.5%"
WGET = (
    "Saving to: /dev/null\n\n"
    "\r/dev/null            40%[=======>            ]  16.01M  16.3MB/s               "
    "\r/dev/null            50%[=========>          ]  20.01M  16.3MB/s               "
)
WGET_DOTS = (
    " 40600K .......... .......... .......... .......... .......... 98%  678M 0s\n"
    " 40650K .......... .......... .......... .......... .......... 99%  773M 0s\n"
    " 40700K .......... ......"
)
DOCKER = (
    "\x1b[2A\x1b[2K\r0a9b: Downloading [=====>     ]  12.5MB/28.2MB\r\x1b[2B"
    "\x1b[1A\x1b[2K\r77c1: Extracting  [==========>]  3.1MB/3.3MB\r\x1b[1B"
    "\x1b[2A\x1b[2K\r0a9b: Downloading [======>    ]  14.1MB/28.2MB\r\x1b[2B"
)
KERAS = "Epoch 1/5\n\r 34/100 [=====>........] - ETA: 5s - loss: 0.35 - accuracy: 0.9012"
NESTED = (
    "\repoch:  33%|███▎      | 1/3 [00:00<?, ?it/s]\n\rbatch:   0%|          | 0/50 [00:00<?, ?it/s]\x1b[A"
    "\n\rbatch:  40%|████      | 20/50 [00:00<00:00, 196.12it/s]\x1b[A"
)


@pytest.mark.parametrize(
    ("tail", "fraction", "text"),
    [
        (TQDM, 0.34, "34/100"),
        (TQDM_BYTES, 0.0914, "914k/10.0M"),
        (PIP, 12.6 / 16.9, "12.6/16.9 MB"),
        (RICH, 0.25, ""),
        (RICH_TWO, 0.20, ""),
        (CURL, 0.65, ""),
        (CURL_BAR, 0.275, ""),
        (WGET, 0.5, ""),
        (WGET_DOTS, 0.99, ""),
        (WGET_DOTS + ".... .......... 99%", 0.99, ""),
        (DOCKER, 0.5, "14.1MB/28.2MB"),
        (KERAS, 0.34, "34/100"),
        (NESTED, 1 / 3, "1/3"),
        ("done\n\rmodel epoch 1/10:  45%|████▌     | 45/100 [00:01<00:01]", 0.45, "45/100"),
        ("\r  7%|▋         | 70.3MiB/1.00GiB [00:01<00:10]", 70.3 / 1024, "70.3MiB/1.00GiB"),
        ("Reading package lists... 45%\r", 0.45, ""),
    ],
)
def test_bars_of_real_programs(tail: str, fraction: float, text: str) -> None:
    bar = read_bar(tail.encode())
    assert bar is not None
    assert bar.fraction == pytest.approx(fraction)
    assert (bar.text, bar.inner) == (text, False)


@pytest.mark.parametrize(
    "tail",
    [
        "",
        "plain text, 45% of it unfinished",
        TQDM + "\n",
        TQDM + "\nand on it goes",
        TQDM_NO_TOTAL,
        "windows line 45%\r\nand the next",
        NESTED + "\n\n\nend\n",
        RICH_TWO + "\nand on",
        "\rsaved to /data/2024/01/02 at 12:30",
        "\r250% of 0/0",
        WGET_DOTS + "\n\n2024-05-01 (16.9 MB/s) - saved\n",
    ],
)
def test_what_is_no_bar(tail: str) -> None:
    assert read_bar(tail.encode()) is None


def test_a_bar_that_is_half_written_is_as_it_was_before() -> None:
    bar = read_bar((TQDM + "\r 35").encode())
    assert bar is not None
    assert bar.text == "34/100"
    assert read_bar((TQDM + "\r" + " " * 60).encode()) is None, "a bar that was wiped away"


def test_a_tail_may_begin_within_a_character() -> None:
    whole = ("\r" + "█" * 20 + TQDM).encode()
    bars = [read_bar(whole[start:]) for start in range(60)]
    assert all(bar is not None and bar.text == "34/100" for bar in bars)


def test_a_bar_of_which_only_the_inner_one_is_seen_is_told_so() -> None:
    tail = "\n\rbatch:  40%|████      | 20/50 [00:00]\x1b[A" * 3
    bar = read_bar(tail.encode())
    assert bar is not None
    assert (bar.text, bar.inner) == ("20/50", True)


def test_only_what_is_new_is_told() -> None:
    watch = BarWatch()
    assert watch.look(b"nothing yet\n") is None
    assert watch.look(TQDM.encode()) == Progress(fraction=0.34, text="34/100")
    assert watch.look(TQDM.encode()) is None
    assert watch.look(b"the bar is gone\n") == Progress()
    assert watch.look(b"and stays so\n") is None


def test_an_inner_bar_does_not_take_the_place_of_the_outer_one() -> None:
    watch = BarWatch()
    inner = ("\n\rbatch:  40%|████      | 20/50 [00:00]\x1b[A" * 3).encode()
    assert watch.look(inner) == Progress(fraction=0.4, text="20/50")
    assert watch.look(NESTED.encode()) == Progress(fraction=0.333, text="1/3")
    assert watch.look(inner) is None


PARTS = st.sampled_from(
    [
        "\r", "\n", "\x1b[A", "\x1b[2K", "\x1b[3B", "\x1b[99999A", "\x1b[1;2A", "\x1b[", "%", "|", "/", " of ", "34",
        "0", "100", "999999999999999999", ".5", " ", "MB", "kiB", "K ..........", "[==>  ]", "--:--:--", "█",
    ]
)  # fmt: skip


@given(st.lists(PARTS | st.text(max_size=4), max_size=60).map("".join))
def test_whatever_is_written_gives_a_fraction_or_nothing(text: str) -> None:
    for data in (text.encode("utf-8", "surrogatepass"), text.encode("utf-8", "surrogatepass")[1:]):
        bar = read_bar(data)
        assert bar is None or (0.0 <= bar.fraction <= 1.0 and len(bar.text) <= 40)


@given(st.binary(max_size=1024))
def test_any_bytes_give_a_fraction_or_nothing(data: bytes) -> None:
    bar = read_bar(b"\r" + data)
    assert bar is None or 0.0 <= bar.fraction <= 1.0


@given(st.integers(0, 10**9), st.integers(1, 10**9))
def test_any_done_of_total_is_read(done: int, total: int) -> None:
    bar = read_line(f"step {done}/{total} [")
    if done <= total:
        assert bar is not None
        assert bar.fraction == pytest.approx(done / total)
    else:
        assert bar is None
