"""`./run line [PROFILE]`: a bad line to try the product behind, by hand. Needs root and a running `./run`.

A browser that is started behind it opens the same http://localhost:8080: its pages and its sockets come over the line
through a relay at each end, its media as they are.
"""

import asyncio
import contextlib
import json
import os
import socket
import sys

from tests.bad_network.line import Line, behind
from tests.bad_network.profiles import profiles
from tests.network import can_make_networks, open_socket

PORT = int(os.environ.get("IEUM_LISTEN_PORT", "8080"))
PORT_ON_THE_LINE = 443  # which passes firewalls
CHUNK_BYTES = 65_536


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends."""
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()


async def relay(namespace: str | None, here: tuple[str, int], there: tuple[str, int]) -> asyncio.Server:
    """In one network, listen at `here` and connect each who comes with `there`."""

    def stream(address: tuple[str, int]) -> socket.socket:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        return open_socket(namespace, family, socket.SOCK_STREAM)

    async def connect(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        onward = stream(there)
        onward.setblocking(False)
        try:
            await asyncio.get_running_loop().sock_connect(onward, there)
        except OSError as error:
            print(f"nobody at {there[0]} port {there[1]}: {error.strerror}")
            onward.close()
            writer.close()
            return
        back, out = await asyncio.open_connection(sock=onward)
        await asyncio.gather(pump(reader, out), pump(back, writer))

    listening = stream(here)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(here)
    return await asyncio.start_server(connect, sock=listening)


def obey(line: Line, said: str) -> None:
    """Do what was typed, and say how the line is."""
    known = profiles()
    if said in known:
        line.change(known[said])
    elif said in ("cut", "heal"):
        line.cut() if said == "cut" else line.heal()
    elif said == "address":
        line.change_address()
    elif said == "rebind":
        line.rebind()
    elif said:
        print(f"type one of: {', '.join(known)}, cut, heal, address, rebind; or nothing, for the counts")
    print(line.profile.about, json.dumps(line.counts()))


async def serve(line: Line) -> None:
    """Relay and obey until the input ends."""
    crossing, local = (line.server(min(line.profile.ip_versions)), PORT_ON_THE_LINE), ("127.0.0.1", PORT)
    async with await relay(None, crossing, local), await relay(line.namespace, local, crossing):
        browser = f"chromium --no-sandbox --user-data-dir=/tmp/behind-the-line http://localhost:{PORT}"
        print(f"behind the line: {' '.join(line.prefix)} {browser}", flush=True)
        while said := await asyncio.to_thread(sys.stdin.readline):
            obey(line, said.strip())


def main() -> int:
    """Exit status of `./run line`."""
    name, known = (sys.argv[1:] or ["lossy-cafe"])[0], profiles()
    if name not in known or not can_make_networks():
        print("./run line PROFILE, as root, where PROFILE is one of:")
        for known_name, profile in known.items():
            print(f"  {known_name:18} {profile.about}")
        return 2
    with behind(known[name]) as line, contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
