"""The HEASoft engine on the stand-in task: what it makes, and what is left when it fails."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.engines.base import Product
from nustar_widgets.engines.heasoft.engine import HeasoftEngine
from nustar_widgets.errors import TaskFailed
from nustar_widgets.session.taskcall import TaskCall, TextFile
from nustar_widgets.version import __version__
from tests.engines.heasoft.builders import Run, left_in, processes_in, report, standin_call
from tests.standins.here import Here


def test_a_task_that_goes_well_makes_its_file_and_nothing_else(
    run: Run, tmp_path: Path, scratch: Path
) -> None:
    heard: list[str] = []
    result = run(heard.append)
    assert result.products == (Product(kind="file", path=tmp_path / "out.json"),)
    assert result.path("file") == tmp_path / "out.json"
    assert left_in(tmp_path) == {"out.json"}
    assert left_in(scratch) == set()
    assert all(text.endswith("\n") for text in heard)
    assert "".join(heard).splitlines() == [
        "standin_1.0: Info: Running 'first'",
        "standin_1.0: Info: Running 'second'",
        "standin_1.0: Exit with success",
    ]


def test_every_line_of_a_flood_arrives_once_and_in_order(run: Run) -> None:
    heard: list[str] = []
    run(heard.append, lines=20000)
    lines = "".join(heard).splitlines()
    assert len(lines) == 20003
    assert [line.split()[1] for line in lines[1:-2]] == [str(number) for number in range(20000)]
    assert len(heard) < 5000  # several at a time


def test_provenance_says_what_ran_with_what(run: Run, standin: Here) -> None:
    result = run(value="x")
    made = result.provenance
    versions = dict(made.versions)
    assert list(versions) == ["nustar_widgets", "HEASoft", "CALDB", "heasoftpy"]
    assert versions["nustar_widgets"] == __version__
    assert (versions["HEASoft"], versions["CALDB"]) == ("stand-in", "")
    assert versions["heasoftpy"]
    assert made.engine == f"HEASoft stand-in through heasoftpy {versions['heasoftpy']}"
    assert (made.call, made.exit_status, made.inputs, made.not_applied) == (
        standin_call(value="x"),
        0,
        (),
        (),
    )
    assert made.made_at.endswith("+00:00")


def test_each_run_has_a_folder_and_parameter_files_of_its_own(
    run: Run, standin: Here, scratch: Path
) -> None:
    one, other = report(run(value="first")), report(run(outfile="other.json"))
    for seen in (one, other):
        root = Path(seen["cwd"]).parent
        assert root.parent == scratch
        assert seen["pfiles"] == f"{root / 'p'};{standin.headas / 'syspfiles'}"
        assert (seen["there"], seen["prompt"]) == ([], "/dev/null")
    assert one["cwd"] != other["cwd"]
    assert (one["value"], other["value"]) == ("first", "none")  # nothing is learned from a run


def test_runs_at_the_same_time_do_not_meet(standin: Here, scratch: Path, tmp_path: Path) -> None:
    def one(number: int) -> dict[str, Any]:
        folder = tmp_path / str(number)
        folder.mkdir()
        engine = HeasoftEngine(standin.environ, scratch=scratch)
        call = standin_call(value=f"value {number}", seconds=0.2)
        return report(engine.run(call, folder=folder))

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(one, range(4)))
    assert [item["value"] for item in seen] == [f"value {number}" for number in range(4)]
    assert len({item["cwd"] for item in seen}) == 4
    assert len({item["pfiles"] for item in seen}) == 4
    assert left_in(scratch) == set()


def test_the_environment_of_this_process_stays_as_it_was(run: Run) -> None:
    before, here = dict(os.environ), Path.cwd()
    run()
    assert dict(os.environ) == before
    assert Path.cwd() == here


@pytest.mark.parametrize(
    ("how", "says", "status"),
    [
        ("fail", "standin: the flux capacitor is empty while first ran", 3),
        ("nothing", "standin: no file was written (out.json)", 0),
        ("empty", "standin: out.json is empty", 0),
        ("crash", "standin: ended by signal 11 (SIGSEGV) while first ran", -11),
    ],
)
def test_a_task_that_fails_says_why_and_leaves_nothing(
    run: Run, tmp_path: Path, scratch: Path, how: str, says: str, status: int
) -> None:
    heard: list[str] = []
    with pytest.raises(TaskFailed) as caught:
        run(heard.append, how=how)
    assert str(caught.value) == says
    assert (caught.value.task, caught.value.status) == ("standin", status)
    assert "".join(heard).startswith("standin_1.0: Info: Running 'first'\n")
    assert left_in(tmp_path) == set()
    assert left_in(scratch) == set()


def test_a_run_that_fails_leaves_an_old_product_as_it_was(run: Run, tmp_path: Path) -> None:
    (tmp_path / "out.json").write_text("old", encoding="utf-8")
    with pytest.raises(TaskFailed):
        run(how="fail", clobber=True)
    assert (tmp_path / "out.json").read_text(encoding="utf-8") == "old"


def test_text_in_another_code_is_shown_with_question_marks(run: Run) -> None:
    heard: list[str] = []
    run(heard.append, how="latin1")
    assert "standin_1.0: Info: M\ufffdller \ufffd Z\ufffdrich\n" in "".join(heard)


def test_litter_stays_behind(run: Run, tmp_path: Path) -> None:
    result = run(how="litter")
    assert "xselect.log" in report(result)["there"]  # there was some
    assert left_in(tmp_path) == {"out.json"}


def test_a_process_a_task_leaves_behind_is_ended(run: Run, scratch: Path) -> None:
    seen: list[str] = []
    result = run(lambda _: seen.extend(processes_in(scratch)), how="orphan")
    assert any("time.sleep(600)" in command for command in seen)
    assert report(result)["value"] == "none"
    assert processes_in(scratch) == []


def test_a_question_gets_no_answer_and_does_not_wait_for_one(run: Run) -> None:
    heard: list[str] = []
    run(heard.append, how="question")
    assert "answer: ''\n" in "".join(heard)


@pytest.mark.parametrize("how", ["hang", "stubborn"])
def test_a_task_can_be_stopped_from_another_thread(
    engine: HeasoftEngine, run: Run, tmp_path: Path, scratch: Path, how: str
) -> None:
    stopping: list[threading.Thread] = []

    def stop(_: str) -> None:
        stopping.append(threading.Thread(target=engine.stop))
        stopping[-1].start()

    with pytest.raises(TaskFailed, match=r"^standin: "):
        run(stop, how=how)
    for thread in stopping:
        thread.join()
    assert processes_in(scratch) == []
    assert left_in(tmp_path) == set()
    assert left_in(scratch) == set()


def test_a_run_that_was_stopped_before_it_began_makes_nothing(
    engine: HeasoftEngine, run: Run, tmp_path: Path, scratch: Path
) -> None:
    engine.stop()
    with pytest.raises(TaskFailed, match=r"^standin: "):
        run()
    assert left_in(tmp_path) == left_in(scratch) == set()


def test_a_listener_that_fails_ends_the_task(run: Run, tmp_path: Path, scratch: Path) -> None:
    def broken(_: str) -> None:
        assert processes_in(scratch)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(broken, how="hang")
    assert processes_in(scratch) == []
    assert left_in(tmp_path) == set()
    assert left_in(scratch) == set()


def test_the_calls_own_files_lie_where_the_task_runs_and_come_along(
    engine: HeasoftEngine, tmp_path: Path
) -> None:
    call = TaskCall(
        task="standin",
        params=(("outfile", "out.json"), ("value", "src.reg")),
        files=(TextFile(name="src.reg", text='fk5\r\ncircle(1,2,3")\n'),),
    )
    result = engine.run(call, folder=tmp_path)
    assert report(result)["there"] == ["src.reg"]
    assert report(result)["value"] == "src.reg"
    assert left_in(tmp_path) == {"out.json", "src.reg"}
    assert (tmp_path / "src.reg").read_bytes() == b'fk5\r\ncircle(1,2,3")\n'
