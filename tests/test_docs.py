"""What README and docs tell people to type is there, and what they point to exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.inputtransformer2 import TransformerManager

import nustar_widgets as nw

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\(([^)#\s]+)\)")
MAKE = re.compile(r"(?:^|`)make ([a-z-]+)", re.MULTILINE)
PLACES = ("Binder", "Fornax", "SciServer")


def blocks(page: Path) -> Iterator[ast.Module]:
    """Return the Python of a page as a notebook would run it, magics and all."""
    for text in BLOCK.findall(page.read_text(encoding="utf-8")):
        notebook = TransformerManager()  # type: ignore[no-untyped-call]
        yield ast.parse(notebook.transform_cell(text))


def asked_of_the_package(block: ast.Module) -> set[str]:
    """Return the names a piece of code asks of ``nw``."""
    return {
        node.attr
        for node in ast.walk(block)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "nw"
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_the_python_of_a_page_can_be_run_and_names_what_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {name for block in blocks(page) for name in asked_of_the_package(block)}
    named |= set(re.findall(r"`nw\.(\w+)", text))
    assert [name for name in sorted(named) if not hasattr(nw, name)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_of_a_page_lead_somewhere(page: Path) -> None:
    local = [to for to in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in to]
    assert [to for to in local if not (page.parent / to).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_says_make_does_make_can_do(page: Path) -> None:
    rules = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(MAKE.findall(page.read_text(encoding="utf-8"))) <= rules


def test_each_place_has_its_section_and_those_without_a_build_a_cell_to_start_with() -> None:
    text = (ROOT / "docs" / "where.md").read_text(encoding="utf-8")
    sections = {part.split("\n")[0]: part for part in text.split("\n## ")[1:]}
    assert set(PLACES) <= set(sections)
    for place in PLACES[1:]:
        first, second = BLOCK.findall(sections[place])[:2]
        assert "%pip install" in first
        assert "nw.doctor()" in second
