"""What a node says of itself, as webs hear it."""

import asyncio
import ssl
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from server.app.announcing import PATH, Announcement, keep_announcing
from tests.waiting import until


async def test_what_a_node_does_not_know_it_leaves_out_for_an_older_web_takes_no_null_there() -> None:
    heard: list[dict[str, Any]] = []

    async def hear(request: web.Request) -> web.Response:
        heard.append(await request.json())
        return web.Response(status=204)

    app = web.Application()
    app.router.add_post(PATH, hear)
    said = Announcement(name="node-0", link_url="unix:node-0", calls=0, seats=0, seat_capacity=60)
    async with TestServer(app) as server:
        webs = [str(server.make_url(""))]
        telling = asyncio.create_task(
            keep_announcing(webs, "", ssl.create_default_context(), lambda: said, asyncio.Event())
        )
        await until(lambda: heard)
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
    assert "packets_per_s" not in heard[0]
    assert Announcement.model_validate(heard[0]) == said
