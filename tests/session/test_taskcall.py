from __future__ import annotations

import shlex

from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile

CALL = TaskCall(
    task="nuproducts",
    params=(
        ("indir", "/data/my obs"),
        ("instrument", "FPMA"),
        ("bkgextract", False),
        ("binsize", 256),
    ),
    files=(TextFile(name="src.reg", text="fk5\n"),),
)


def test_a_call_prints_as_a_shell_command_that_splits_back_into_its_words() -> None:
    assert shlex.split(CALL.to_shell()) == [
        "nuproducts",
        "indir=/data/my obs",
        "instrument=FPMA",
        "bkgextract=no",
        "binsize=256",
    ]


def test_printed_python_makes_the_same_call_when_it_is_run() -> None:
    seen: list[tuple[str, dict[str, object]]] = []

    class Stub:
        def __getattr__(self, task: str) -> object:
            return lambda **params: seen.append((task, params))

    exec(CALL.to_python(), {"heasoftpy": Stub()})
    assert seen == [
        ("nuproducts", {**dict(CALL.params), "noprompt": True, "allow_failure": False}),
    ]


def test_equal_calls_have_equal_fingerprints_and_a_changed_region_another() -> None:
    same = TaskCall(task=CALL.task, params=CALL.params, files=CALL.files)
    moved = TaskCall(
        task=CALL.task, params=CALL.params, files=(TextFile(name="src.reg", text="fk5 \n"),)
    )
    gti = TaskCall(
        task=CALL.task,
        params=CALL.params,
        files=(*CALL.files, GtiFile(name="g.fits", intervals=((1.0, 2.0),))),
    )
    assert same.fingerprint() == CALL.fingerprint()
    assert len({call.fingerprint() for call in (CALL, moved, gti)}) == 3


def test_a_parameter_the_call_leaves_to_the_task_is_none() -> None:
    assert CALL.get("binsize") == 256
    assert CALL.get("pilow") is None
