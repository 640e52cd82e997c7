"""The one line that says why a task failed."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from nustar_widgets.engines.heasoft.reason import Reasons

STEM = "nuproducts_0.3.0"
RULER = "--------------------------------------------------------------"


def failing(reason: str, *before: str) -> str:
    """What nuproducts prints at the end of a run that fails (sub Error of its library)."""
    return "\n".join(
        [*before, "-------------------- nuproducts  error -----------------------", reason, RULER]
    )


def explained(
    text: str, work: Path = Path("/gone"), status: int = 1, problems: tuple[str, ...] = ()
) -> str:
    reasons = Reasons()
    reasons.listen(text)
    return reasons.explain(work, status, list(problems))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            failing(
                f"{STEM}: Error: parsing input parameters",
                f"{STEM}: Error: parsing input parameter 'srcr'",
                f"{STEM}: Error: Parameter name 'srcr' not found or sintax error",
                f"{STEM}: Error: Please specify parameters with format: "
                "<parametername>=<parametervalue>",
                f"{STEM}: Error: without blanks",
                f"{STEM}: Error: Type 'fhelp nuproducts' for more information on parameters",
            ),
            "Parameter name 'srcr' not found or sintax error",
        ),
        (
            f"{STEM}: Error: input parameter 'srcra' not compatible with other input parameters.",
            "input parameter 'srcra' not compatible with other input parameters.",
        ),
        (f"{STEM}: Error: Input File 'a b.reg' not found", "Input File 'a b.reg' not found"),
        (
            failing(
                f"{STEM}: Error: running 'xselect'",
                f"{STEM}: Info: Running 'xselect' ",
                f"{STEM}: Error: CheckXselectLog: following error message found for 'xselect' run:",
                f"{STEM}: Error: CheckXselectLog: ' Error in extractor'",
                f"{STEM}: Error: Please check ''xselect.log' file",
            ),
            "Error in extractor while xselect ran",
        ),
        (
            failing(
                f"{STEM}: Error: running 'nubackscale'",
                f"{STEM}: Info: Running 'nubackscale' ",
                "nubackscale_0.1.6: Error: Unable to open file 'x.pha'",
                "Task nubackscale 0.1.6 terminating with status -1",
                f"{STEM}: Error: running 'nubackscale'",
                f"{STEM}: Error: The run was: nubackscale srcphafile=x.pha ",
            ),
            "Unable to open file 'x.pha' while nubackscale ran",
        ),
        (
            f"{STEM}: Error: CallQuzcif: CALDB environment not set",
            "CallQuzcif: CALDB environment not set",
        ),
        (
            f"{STEM}: Error: \n{STEM}: Error: cannot create g.fits",
            "cannot create g.fits",
        ),
        ("ERROR: cannot open x.pha", "ERROR: cannot open x.pha"),
        ("sh: 1: xselect: No such file or directory", "sh: 1: xselect: No such file or directory"),
        ("Fatal: out of memory", "Fatal: out of memory"),
        (f"{STEM}: Error: 'a' is not 'b'", "'a' is not 'b'"),
    ],
)
def test_the_line_that_tells_most_is_found(text: str, says: str) -> None:
    assert explained(text) == says


def test_what_went_wrong_before_the_step_that_failed_is_not_the_reason() -> None:
    text = (
        f"{STEM}: Info: Running 'ximage' \nximage_1.0: Error: no display\n"
        f"{STEM}: Info: Running 'numkarf' \nnumkarf_0.5: Error: no such region\n"
    )
    assert explained(text) == "no such region while numkarf ran"


def test_lines_may_come_in_any_portions() -> None:
    reasons = Reasons()
    for line in (f"{STEM}: Info: Running 'numkarf' \n", "numkarf_0.5: Error: the one\n", "bye\n"):
        reasons.listen(line)
    assert reasons.explain(Path("/gone"), 1, []) == "the one while numkarf ran"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (-signal.SIGSEGV, "ended by signal 11 (SIGSEGV) while numkarf ran"),
        (-signal.SIGKILL, "ended by signal 9 (SIGKILL) while numkarf ran"),
        (139, "ended by signal 11 (SIGSEGV) while numkarf ran"),
        (143, "ended by signal 15 (SIGTERM) while numkarf ran"),
        (-33, "ended by signal 33 while numkarf ran"),
    ],
)
def test_a_signal_is_named_also_where_a_shell_told_of_it(status: int, says: str) -> None:
    text = f"{STEM}: Info: Running 'numkarf' \nworking\n"
    assert explained(text, status=status) == says
    assert explained(text + "numkarf_0.5: Error: too big\n", status=status) == f"{says}: too big"


def test_a_task_that_ends_with_minus_one_was_not_ended_by_a_signal() -> None:
    text = "Task nubackscale 0.1.6 terminating with status -1\n"
    assert explained(text, status=255) == f"exit status 255; its last line: {text.strip()}"
    assert explained(f"{STEM}: Error: the one\n", status=255) == "the one"


def test_without_a_telling_line_the_last_one_is_shown_and_rulers_are_not() -> None:
    assert explained(f"reading\ndone with it\n{RULER}\n\n", status=2) == (
        "exit status 2; its last line: done with it"
    )
    assert explained("", status=2) == "exit status 2; it printed nothing"
    assert explained(f"{STEM}: Info: Running 'numkrmf' \n", status=2).startswith(
        "exit status 2 while numkrmf ran; its last line: nuproducts_0.3.0: Info: Running 'numkrmf'"
    )


def test_missing_products_are_the_reason_where_the_task_says_all_is_well() -> None:
    problems = ("no arf was written (x.arf)", "x.pha is cut off")
    text = f"{STEM}: Exit with success \n"
    assert explained(text, status=0, problems=problems) == (
        "no arf was written (x.arf); x.pha is cut off"
    )
    said = "numkarf_0.5: Error: no such region\n" + text
    assert explained(said, status=0, problems=problems) == "no such region"


def test_the_log_xselect_leaves_is_read_where_nothing_was_said(tmp_path: Path) -> None:
    (tmp_path / "xselect.log").write_bytes(b"read ev\xe9nts\n Error in extractor \nbye\n")
    assert explained("", tmp_path, 1) == "xselect: Error in extractor"
    assert explained("x_1.0: Error: other", tmp_path, 1) == "other"
    (tmp_path / "xselect.log").write_text("all is well\n", encoding="utf-8")
    assert explained("", tmp_path, 1) == "exit status 1; it printed nothing"


def test_only_the_first_of_a_flood_of_errors_is_not_forgotten_for_the_lines_between() -> None:
    chatter = "\n".join(f"line {number}" for number in range(5000))
    text = f"{STEM}: Info: Running 'numkarf' \nnumkarf_0.5: Error: the one\n{chatter}\n"
    assert explained(text) == "the one while numkarf ran"


LOGS = ("FPMA", "FPMB", "FPMA_usergti", "trap_no_events", "trap_galactic", "trap_unknown_shape")


@pytest.mark.parametrize("run", LOGS)
def test_a_run_of_heasoft_that_went_well_gives_no_reason_of_its_own(shared: Path, run: str) -> None:
    text = (shared / f"fixtures/extraction/nuproducts/{run}.log").read_text(encoding="utf-8")
    assert "Error" in text  # words a careless search would stumble over
    missing = "no arf was written (x.arf)"
    assert explained(text, status=0, problems=(missing,)) == missing
    assert explained(text, status=1).startswith("exit status 1 while grppha ran; its last line: ")


def test_a_run_of_heasoft_that_crashed_gives_the_crash(shared: Path) -> None:
    folder = shared / "fixtures/extraction/nuproducts"
    text = (folder / "trap_empty_file.log").read_text(encoding="utf-8")
    assert explained(text) == "Segmentation fault while xselect ran"
    by_line = Reasons()
    for line in text.splitlines(keepends=True):
        by_line.listen(line)
    assert by_line.explain(folder, 1, ["no image was written"]) == (
        "Segmentation fault while xselect ran"
    )
