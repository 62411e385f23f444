"""The hosts that tests make for themselves."""

import subprocess

import pytest

from tests.network import host
from tests.waiting import until

LISTEN = "import socket; s = socket.create_server(('', 0)); print(s.getsockname()[1], flush=True); input()"


@pytest.mark.usefixtures("networks")
async def test_a_host_answers_until_its_cable_is_taken_out() -> None:
    with host(1) as there:
        ask = [
            "python3",
            "-c",
            f"import socket; socket.create_connection(('{there.our_address}', {{port}}), 2).close()",
        ]

        def reaches(port: int) -> bool:
            command = [*there.prefix, *(part.replace("{port}", str(port)) for part in ask)]
            return subprocess.run(command, capture_output=True, check=False).returncode == 0

        listening = subprocess.Popen(
            ["python3", "-c", LISTEN], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert listening.stdout
        port = int(listening.stdout.readline())
        try:
            await until(lambda: reaches(port))
            there.unplug()
            assert not reaches(port)
            there.plug()
            await until(lambda: reaches(port))
        finally:
            listening.communicate("\n", timeout=30)
