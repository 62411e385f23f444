"""Real browsers with fake cameras: Chromium through Playwright, Firefox ESR through WebDriver BiDi without any driver.

BiDi: https://w3c.github.io/webdriver-bidi/. Firefox has no automation binary in Debian, but speaks BiDi by itself.
"""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from playwright.async_api import Browser, async_playwright

from tests.network import open_socket

# Without the background switches Chromium asks the outside world for updates at every start.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]

FIREFOX_PREFERENCES: dict[str, bool | int | str] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.peerconnection.ice.loopback": True,
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.autoplay.default": 0,
    "intl.accept_languages": "ko-KR,ko",
    "remote.active-protocols": 1,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
}


@asynccontextmanager
async def chromium(
    path: str, *more_arguments: str, prefix: Sequence[str] = (), without: Sequence[str] = ()
) -> AsyncIterator[Browser]:
    """A Chromium. `prefix` starts it inside something, as in `["ip", "netns", "exec", "name"]`.

    `without` names switches that it is otherwise started with, by us or by Playwright.
    """
    with tempfile.TemporaryDirectory() as folder:
        executable = _wrapped(path, prefix, Path(folder)) if prefix else path
        async with async_playwright() as playwright:
            arguments = [one for one in (*CHROMIUM_ARGUMENTS, *more_arguments) if one not in without]
            browser = await playwright.chromium.launch(
                executable_path=executable, args=arguments, ignore_default_args=list(without)
            )
            try:
                yield browser
            finally:
                await browser.close()


def _wrapped(path: str, prefix: Sequence[str], folder: Path) -> str:
    script = folder / "browser"
    script.write_text(f'#!/bin/sh\nexec {" ".join(prefix)} {path} "$@"\n')
    script.chmod(0o755)
    return str(script)


class Firefox:
    """One Firefox, driven over BiDi: `open` a page, `evaluate` in it, take a `screenshot`."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self.responses: list[dict[str, Any]] = []  # network.Response of BiDi, since `watch_responses`
        self._reader = asyncio.create_task(self._read())

    async def command(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send one BiDi command and return its result. Raises RuntimeError with what Firefox said."""
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 60)

    async def open(self, url: str) -> str:
        """Load `url` in a new tab and return the tab's context id."""
        context = (await self.command("browsingContext.create", type="tab"))["context"]
        await self.command("browsingContext.activate", context=context)  # a tab in the background shows no frames
        await self.command("browsingContext.navigate", context=context, url=url, wait="complete")
        return str(context)

    async def evaluate(self, context: str, expression: str) -> Any:
        """The JSON value of a JavaScript expression, awaited if it is a promise."""
        wrapped = f"(async () => JSON.stringify(await ({expression})))()"
        answer = await self.command(
            "script.evaluate", expression=wrapped, target={"context": context}, awaitPromise=True, userActivation=True
        )
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        value = answer["result"].get("value")
        return None if value is None else json.loads(value)

    async def watch_responses(self) -> None:
        """Keep every answer of a server from now on in `responses`."""
        await self.command("session.subscribe", events=["network.responseStarted"])

    async def close(self) -> None:
        """Stop listening; the process is ended by `firefox()`."""
        self._reader.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._reader
        await self._socket.close()

    async def _read(self) -> None:
        async for message in self._socket:
            said = json.loads(message.data)
            if said.get("method") == "network.responseStarted":
                self.responses.append(said["params"]["response"])
            answer = self._waiting.pop(said.get("id"), None)
            if answer is None or answer.done():
                continue
            if said["type"] == "error":
                answer.set_exception(RuntimeError(f"{said['error']}: {said['message']}"))
            else:
                answer.set_result(said["result"])


@asynccontextmanager
async def firefox(path: str, namespace: str | None = None) -> AsyncIterator[Firefox]:
    """A headless Firefox with fake devices, here or in a network namespace."""
    prefix = ["ip", "netns", "exec", namespace] if namespace else []
    profile = Path(tempfile.mkdtemp(prefix="firefox-"))
    preferences = "".join(
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in FIREFOX_PREFERENCES.items()
    )
    (profile / "user.js").write_text(preferences)
    process = await asyncio.create_subprocess_exec(
        *prefix, path, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(profile), "MOZ_HEADLESS": "1"},
    )  # fmt: skip
    drain: asyncio.Task[None] | None = None
    try:
        url = await asyncio.wait_for(_bidi_url(process), 60)
        drain = asyncio.create_task(_drain(process))
        async with aiohttp.ClientSession(connector=_connector(namespace)) as session:
            driver = Firefox(await session.ws_connect(f"{url}/session", max_msg_size=0))
            try:
                await driver.command("session.new", capabilities={"alwaysMatch": {"acceptInsecureCerts": True}})
                yield driver
            finally:
                await driver.close()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if drain is not None:
            await drain
        shutil.rmtree(profile, ignore_errors=True)


def _connector(namespace: str | None) -> aiohttp.TCPConnector:
    """Firefox listens on the loopback of its own network."""
    return aiohttp.TCPConnector(
        socket_factory=lambda _: open_socket(namespace, socket.AF_INET, socket.SOCK_STREAM), family=socket.AF_INET
    )


async def _bidi_url(process: asyncio.subprocess.Process) -> str:
    assert process.stderr
    async for line in process.stderr:
        _, found, url = line.decode(errors="replace").partition("WebDriver BiDi listening on ")
        if found:
            return url.strip()
    raise RuntimeError("Firefox ended before it listened")


async def _drain(process: asyncio.subprocess.Process) -> None:
    assert process.stderr
    while await process.stderr.read(65536):
        pass
