from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nustar_widgets.session import recents
from nustar_widgets.session.recents import RecentSession

NOON = datetime(2025, 11, 26, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a list of its own."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


def made(folder: Path, number: int) -> RecentSession:
    path = folder / f"{number}.json"
    path.touch()
    return RecentSession(
        path=path, target=f"source {number}", obsid="", when=NOON + timedelta(hours=number)
    )


def test_there_are_none_at_first(home: Path) -> None:
    assert recents.recent() == ()


def test_the_newest_comes_first_and_each_once(home: Path) -> None:
    one, two = made(home, 1), made(home, 2)
    recents.remember(one)
    recents.remember(two)
    assert recents.recent() == (two, one)
    again = replace(one, when=NOON + timedelta(days=1), target="Cen A")
    recents.remember(again)
    assert recents.recent() == (again, two)


def test_what_has_gone_is_left_out_and_is_there_again_when_it_is_back(home: Path) -> None:
    one = made(home, 1)
    recents.remember(one)
    one.path.unlink()
    assert recents.recent() == ()
    one.path.touch()
    assert recents.recent() == (one,)


def test_a_session_can_be_forgotten(home: Path) -> None:
    one, two = made(home, 1), made(home, 2)
    recents.remember(one)
    recents.remember(two)
    recents.forget(two.path)
    assert recents.recent() == (one,)
    assert two.path.exists()


def test_only_so_many_are_remembered(home: Path) -> None:
    for number in range(recents.MOST + 5):
        recents.remember(made(home, number))
    assert len(recents.recent()) == recents.MOST
    assert recents.recent()[0].target == f"source {recents.MOST + 4}"


@pytest.mark.parametrize(
    "content",
    [
        "", "{", "[]", '{"sessions": 3}', '{"sessions": [3, {"path": 1}, {}, null]}',
        '{"sessions": [{"path": "a", "target": "", "obsid": "", "when": "noon"}]}',
        '{"sessions": [{"path": "a", "target": "", "obsid": "", '
        '"when": "9999-12-31T23:59:59-23:00"}]}',
    ],
)  # fmt: skip
def test_a_list_that_makes_no_sense_is_begun_anew(home: Path, content: str) -> None:
    recents.list_file().parent.mkdir(parents=True)
    recents.list_file().write_text(content, encoding="utf-8")
    assert recents.recent() == ()
    one = made(home, 1)
    recents.remember(one)
    assert recents.recent() == (one,)


def test_odd_names_of_files_are_left_out(home: Path) -> None:
    item = {"path": "a\0b", "target": "", "obsid": "", "when": NOON.isoformat()}
    recents.list_file().parent.mkdir(parents=True)
    recents.list_file().write_text(json.dumps({"sessions": [item]}), encoding="utf-8")
    assert recents.recent() == ()


def test_where_the_list_cannot_be_written_nothing_is_said(home: Path) -> None:
    (home / "state").touch()  # a file where its folder would be
    recents.remember(made(home, 1))
    recents.forget(home / "1.json")
    assert recents.recent() == ()


def test_many_kernels_at_once_lose_no_session(home: Path) -> None:
    code = (
        "import sys\n"
        "from datetime import datetime, UTC\n"
        "from pathlib import Path\n"
        "from nustar_widgets.session.recents import RecentSession, remember\n"
        "for number in range(5):\n"
        "    path = Path(sys.argv[1], f'{sys.argv[2]}-{number}.json')\n"
        "    path.touch()\n"
        "    remember(RecentSession(path=path, target='', obsid='', when=datetime.now(UTC)))\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(home), str(number)])
        for number in range(4)
    ]
    assert [one.wait() for one in started] == [0] * 4
    assert len(recents.recent()) == 20


def test_a_session_is_named_for_people(home: Path) -> None:
    one = replace(made(home, 1), target="Cen A", obsid="60001110002")
    when = one.when.astimezone().strftime("%d %b %Y %H:%M")
    assert one.words() == f"Cen A, 60001110002, {when}"
