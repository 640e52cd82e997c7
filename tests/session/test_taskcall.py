from __future__ import annotations

import json
import shlex
from dataclasses import asdict, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nustar_widgets.session.taskcall import GtiFile, ParamValue, TaskCall, TextFile

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


VALUES: st.SearchStrategy[ParamValue] = st.one_of(
    st.text(), st.integers(), st.booleans(), st.floats(allow_nan=False)
)
NUMBERS = st.floats(allow_nan=False)
FILES = st.one_of(
    st.builds(TextFile, name=st.text(), text=st.text()),
    st.builds(GtiFile, name=st.text(), intervals=st.lists(st.tuples(NUMBERS, NUMBERS)).map(tuple)),
)
CALLS = st.builds(
    TaskCall,
    task=st.text(),
    params=st.lists(st.tuples(st.text(), VALUES)).map(tuple),
    files=st.lists(FILES).map(tuple),
)


@given(call=CALLS)
def test_any_call_is_the_same_after_it_was_json(call: TaskCall) -> None:
    back = TaskCall.from_dict(json.loads(json.dumps(asdict(call))))
    assert back == call
    assert back.fingerprint() == call.fingerprint()
    assert [type(value) for _, value in back.params] == [type(value) for _, value in call.params]
    assert [type(file) for file in back.files] == [type(file) for file in call.files]


def test_a_call_read_back_can_be_a_key_as_any_value_can() -> None:
    gti = GtiFile(name="g.fits", intervals=((1.0, 2.0), (3.0, 4.0)))
    call = replace(CALL, files=(*CALL.files, gti))
    back = TaskCall.from_dict(json.loads(json.dumps(asdict(call))))
    assert {call: 1}[back] == 1


@pytest.mark.parametrize("missing", ["task", "params", "files"])
def test_a_call_that_is_not_whole_is_not_read(missing: str) -> None:
    saved = asdict(CALL)
    del saved[missing]
    with pytest.raises(KeyError, match=missing):
        TaskCall.from_dict(saved)
