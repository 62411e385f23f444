"""The browsers that other tests stand on: they start, run JavaScript and have a fake camera and microphone."""

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.browsers import chromium, firefox

DEVICES = """navigator.mediaDevices.getUserMedia({audio: true, video: true})
    .then(stream => stream.getTracks().map(track => track.kind).sort())"""


async def page(_request: web.Request) -> web.Response:
    return web.Response(text="<!doctype html><title>page</title>", content_type="text/html")


def server() -> TestServer:
    application = web.Application()
    application.router.add_get("/", page)
    return TestServer(application, host="127.0.0.1")


async def test_chromium_has_a_fake_camera_and_microphone(chromium_path: str) -> None:
    async with server() as site, chromium(chromium_path) as browser:
        tab = await browser.new_page()
        await tab.goto(str(site.make_url("/")))
        assert await tab.evaluate(DEVICES) == ["audio", "video"]


async def test_firefox_has_a_fake_camera_and_microphone(firefox_path: str) -> None:
    async with server() as site, firefox(firefox_path) as browser:
        tab = await browser.open(str(site.make_url("/")))
        assert await browser.evaluate(tab, DEVICES) == ["audio", "video"]
