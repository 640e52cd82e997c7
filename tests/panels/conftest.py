"""What tests of panels share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ipywidgets.widgets.widget import CallbackDispatcher


@pytest.fixture(autouse=True)
def _callbacks_raise(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let exceptions in button callbacks fail the test: ipywidgets only logs them."""

    def call(self: Any, *arguments: Any, **named: Any) -> None:
        for callback in self.callbacks:
            callback(*arguments, **named)

    monkeypatch.setattr(CallbackDispatcher, "__call__", call)


def at_once(work: Callable[[], None]) -> None:
    """Start work in place, so that it is over when the click is."""
    work()
