from __future__ import annotations

import hashlib
import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nustar_widgets.session.provenance import (
    Fingerprint,
    Provenance,
    fingerprint,
    fingerprints,
    regions_of,
    why_stale,
)
from nustar_widgets.session.taskcall import GtiFile, TaskCall, TextFile

CALL = TaskCall(
    task="nuproducts",
    params=(("instrument", "FPMA"), ("binsize", 100)),
    files=(TextFile(name="src.reg", text="fk5\n"),),
)


def made(path: Path) -> Provenance:
    return Provenance(
        call=CALL, inputs=(fingerprint(path),), engine="embedded", made_at="2026-01-01T00:00:00Z"
    )


def test_products_of_the_same_call_and_unchanged_inputs_are_current(tmp_path: Path) -> None:
    (tmp_path / "a.evt").write_bytes(b"events")
    assert why_stale(made(tmp_path / "a.evt"), CALL) is None


def test_the_reason_names_what_differs(tmp_path: Path) -> None:
    path = tmp_path / "a.evt"
    path.write_bytes(b"events")
    provenance = made(path)
    binned = replace(CALL, params=(("instrument", "FPMA"), ("binsize", 10)))
    band = replace(CALL, params=(*CALL.params, ("pilow", 35)))
    moved = replace(CALL, files=(TextFile(name="src.reg", text="image\n"),))
    assert why_stale(provenance, binned) == "binsize was 100, is now 10"
    assert why_stale(provenance, band) == "pilow was left to the task, is now 35"
    assert why_stale(provenance, moved) == "src.reg has changed"
    assert why_stale(provenance, replace(CALL, task="nupipeline")) == (
        "made by nuproducts, the session now asks for nupipeline"
    )
    path.write_bytes(b"EVENTS")
    assert why_stale(provenance, CALL) == f"input {path} has changed"
    path.unlink()
    assert why_stale(provenance, CALL) == f"input {path} is gone"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1])
def test_a_fingerprint_is_size_and_hash_of_the_whole_content(tmp_path: Path, size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    path = tmp_path / "a.evt"
    path.write_bytes(content)
    found = fingerprint(path)
    assert (found.path, found.size, found.sha256) == (str(path), size, sha256(content))


def test_files_are_read_once_each_in_the_order_given(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ba"]
    for path in paths:
        path.write_bytes(path.name.encode())
    found = fingerprints([*paths, *paths])
    assert [(item.path, item.sha256) for item in found] == [
        (str(path), sha256(path.name.encode())) for path in paths
    ]


def test_an_input_in_the_runs_folder_is_named_as_seen_from_it(tmp_path: Path) -> None:
    inside, outside = tmp_path / "run" / "obs" / "a.evt", tmp_path / "runs.evt"
    inside.parent.mkdir(parents=True)
    for path in (inside, outside):
        path.write_bytes(b"events")
    folder = tmp_path / "run"
    assert fingerprint(inside).seen_from(folder).path == "obs/a.evt"
    assert fingerprint(outside).seen_from(folder) == fingerprint(outside)
    assert fingerprint(inside).seen_from(folder).sha256 == sha256(b"events")


def test_a_run_that_is_moved_with_its_inputs_is_still_current(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "a.evt").write_bytes(b"events")
    seen = fingerprint(folder / "a.evt").seen_from(folder)
    provenance = replace(made(folder / "a.evt"), inputs=(seen,))
    moved = folder.rename(tmp_path / "moved")
    assert why_stale(provenance, CALL, folder=moved) is None
    assert why_stale(provenance, CALL, folder=folder) == f"input {folder / 'a.evt'} is gone"
    (moved / "a.evt").write_bytes(b"other!")
    assert why_stale(provenance, CALL, folder=moved) == f"input {moved / 'a.evt'} has changed"


def test_a_parameter_that_was_given_and_is_no_longer_makes_products_stale(tmp_path: Path) -> None:
    (tmp_path / "a.evt").write_bytes(b"events")
    provenance = made(tmp_path / "a.evt")
    now = replace(CALL, params=CALL.params[:1])
    assert why_stale(provenance, now) == "binsize was 100, is now left to the task"
    assert why_stale(provenance, replace(CALL, files=())) == "src.reg has changed"
    reordered = replace(CALL, params=CALL.params[::-1])
    assert why_stale(provenance, reordered) is None


FULL = Provenance(
    call=replace(
        CALL,
        params=(("a", 1), ("b", 0.1), ("c", True), ("d", "text"), ("e", False)),
        files=(
            TextFile(name="src.reg", text="fk5\r\ncircle(1,2,3)\n"),
            GtiFile(name="g.fits", intervals=((1.0, 2.5), (3.0, 4.0))),
        ),
    ),
    inputs=(),
    engine="HEASoft 6.34 through heasoftpy 1.5",
    made_at="2026-01-01T00:00:00+00:00",
    not_applied=("no ARF", "no RMF"),
    versions=(("nustar_widgets", "1"), ("HEASoft", "6.34"), ("CALDB", "20240812")),
    exit_status=0,
    regions=(("src.reg", "fk5\n"), ("bkg.reg", "image\n")),
)


def test_provenance_is_the_same_after_it_was_json(tmp_path: Path) -> None:
    (tmp_path / "a.evt").write_bytes(b"events")
    whole = replace(FULL, inputs=fingerprints([tmp_path / "a.evt"]))
    for one in (whole, made(tmp_path / "a.evt")):
        back = Provenance.from_dict(json.loads(json.dumps(one.to_dict())))
        assert back == one
        assert [type(value) for _, value in back.call.params] == [
            type(value) for _, value in one.call.params
        ]


def test_the_hash_of_each_region_stands_beside_its_text() -> None:
    saved = FULL.to_dict()
    assert saved["region_sha256"] == {"src.reg": sha256(b"fk5\n"), "bkg.reg": sha256(b"image\n")}
    assert dict(saved["regions"]) == {"src.reg": "fk5\n", "bkg.reg": "image\n"}


def test_provenance_saved_before_versions_were_kept_can_be_read() -> None:
    saved: dict[str, Any] = json.loads(json.dumps(FULL.to_dict()))
    for name in ("versions", "exit_status", "regions", "region_sha256"):
        del saved[name]
    assert Provenance.from_dict(saved) == replace(FULL, versions=(), exit_status=None, regions=())


def test_regions_are_those_the_call_brings_or_names(tmp_path: Path) -> None:
    (tmp_path / "mine.reg").write_bytes(b"image\nGr\xf6\xdfe\n")
    (tmp_path / "src.reg").write_text("not this one", encoding="utf-8")
    named = replace(
        CALL, params=(("srcregionfile", "src.reg"), ("bkgregionfile", str(tmp_path / "mine.reg")))
    )
    assert regions_of(named, tmp_path) == (
        ("src.reg", "fk5\n"),
        (str(tmp_path / "mine.reg"), "image\nGr\ufffd\ufffde\n"),
    )
    relative = replace(CALL, params=(("srcregionfile", "mine.reg"), ("bkgregionfile", "mine.reg")))
    assert [name for name, _ in regions_of(relative, tmp_path)] == ["mine.reg"]


@pytest.mark.parametrize("name", ["DEFAULT", "gone.reg", ""])
def test_a_region_that_is_no_file_is_none(tmp_path: Path, name: str) -> None:
    asked = replace(CALL, params=(("srcregionfile", name),))
    assert regions_of(asked, tmp_path) == ()
    assert regions_of(replace(CALL, params=()), tmp_path) == ()


def test_an_input_is_read_again_only_when_it_was_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.evt"
    path.write_text("one")
    product = made(path)
    read: list[str | Path] = []

    def noted(path: str | Path) -> Fingerprint:
        read.append(path)
        return fingerprint(path)

    monkeypatch.setattr("nustar_widgets.session.provenance.fingerprint", noted)
    assert [why_stale(product, CALL), why_stale(product, CALL)] == [None, None]
    assert len(read) == 1
    path.write_text("two")
    os.utime(path, ns=(1, 1))
    assert why_stale(product, CALL) == f"input {path} has changed"
