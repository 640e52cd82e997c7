"""What a page must not do, noted while it happens."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Route, WebError, WebSocket


@dataclass
class Watch:
    """Notes on every page of one browser context; requests that leave ``url`` are blocked.

    Attributes
    ----------
    outside
        Addresses that were asked for outside.
    page_errors
        Exceptions nobody caught, with their stack.
    console_errors
        What was written to the console as an error: kept for reading, not a failure.
    """

    context: BrowserContext
    url: str
    outside: list[str] = field(default_factory=list)
    page_errors: list[str] = field(default_factory=list)
    console_errors: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.context.route(re.compile(rf"^(?!{re.escape(self.url)}/)https?:"), self._refuse)
        self.context.on("weberror", self._note_error)
        self.context.on("console", self._note_console)
        self.context.on("page", self._watch_sockets)

    def forget(self) -> None:
        """Start anew."""
        for notes in (self.outside, self.page_errors, self.console_errors):
            notes.clear()

    @property
    def noted(self) -> list[str]:
        """What a test fails for."""
        return [
            *(f"request to the outside: {address}" for address in self.outside),
            *(f"error of the page: {text}" for text in self.page_errors),
        ]

    def check(self) -> None:
        """Fail if something was noted; what has been told once is forgotten."""
        told = self.noted
        self.forget()
        if told:
            raise AssertionError("\n".join(told))

    def _refuse(self, route: Route) -> None:
        self.outside.append(route.request.url)
        route.abort()

    def _note_error(self, met: WebError) -> None:
        self.page_errors.append(getattr(met.error, "stack", None) or str(met.error))

    def _note_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.console_errors.append(message.text)

    def _watch_sockets(self, page: Page) -> None:
        page.on("websocket", self._note_socket)

    def _note_socket(self, socket: WebSocket) -> None:
        if not socket.url.startswith(self.url.replace("http", "ws", 1)):
            self.outside.append(socket.url)
