from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from nustar_widgets.session.provenance import Provenance, fingerprint, why_stale
from nustar_widgets.session.taskcall import TaskCall, TextFile

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
