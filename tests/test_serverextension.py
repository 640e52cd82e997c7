"""The server extension: kernel connections send small messages without waiting."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from typing import Any

from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from nustar_widgets.serverextension import send_at_once


class Handler:
    """As Tornado's, as far as it matters here."""

    def __init__(self) -> None:
        self.told: list[Any] = []

    def set_nodelay(self, value: bool) -> None:
        self.told.append(value)

    async def open(self, kernel_id: str) -> None:
        self.told.append(kernel_id)


def test_a_connection_sends_at_once_before_anything_is_sent() -> None:
    class Wrapped(Handler):
        open = Handler.open

    send_at_once(Wrapped)
    send_at_once(Wrapped)  # a server may load an extension twice
    handler = Wrapped()
    asyncio.run(handler.open("k"))
    assert handler.told == [True, "k"]


def test_jupyters_handler_is_one_that_can_be_told() -> None:
    assert inspect.iscoroutinefunction(KernelWebsocketHandler.open)
    assert callable(KernelWebsocketHandler.set_nodelay)


def test_the_extension_is_enabled_where_the_package_is_installed() -> None:
    code = (
        "import json\n"
        "from jupyter_core.paths import jupyter_config_path\n"
        "from jupyter_server.extension.serverextension import ExtensionConfigManager\n"
        "manager = ExtensionConfigManager(read_config_path=jupyter_config_path())\n"
        "print(json.dumps(manager.get_jpserver_extensions()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["nustar_widgets.serverextension"] is True
