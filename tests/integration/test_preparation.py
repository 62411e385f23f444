"""What `ieum serve` refuses to start with, each in one clear sentence."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from server.config import Settings
from server.preparation import CannotStart, check_ports, check_sample, data_directory


def test_two_servers_do_not_share_a_data_directory(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", f"""
from pathlib import Path
from server.preparation import data_directory
with data_directory(Path({str(tmp_path)!r})):
    print("held", flush=True)
    input()
"""],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=os.getcwd(),
    )  # fmt: skip
    assert holder.stdout
    assert holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(CannotStart, match="another ieum already serves from"), data_directory(tmp_path):
            pass
    finally:
        holder.communicate("\n", timeout=30)
    with data_directory(tmp_path):  # free again, also after a crash: the kernel lets go of the lock
        pass


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(CannotStart, match="cannot be written to"), data_directory(tmp_path / "file" / "var"):
        pass


@pytest.mark.parametrize(
    ("kind", "setting"),
    [(socket.SOCK_STREAM, "listen_port"), (socket.SOCK_STREAM, "private_port"), (socket.SOCK_DGRAM, "media_port")],
)
def test_a_taken_port_is_named_with_the_setting_that_changes_it(kind: socket.SocketKind, setting: str) -> None:
    with socket.socket(socket.AF_INET, kind) as taken:
        taken.bind(("127.0.0.1", 0))
        if kind == socket.SOCK_STREAM:
            taken.listen()
        port = taken.getsockname()[1]
        free = {"listen_port": 0, "private_port": 0, "media_port": 0, "listen_host": "127.0.0.1"}
        with pytest.raises(CannotStart, match=f"port {port} .*IEUM_{setting.upper()}"):
            check_ports(Settings.model_validate({**free, setting: port}))


def test_free_ports_are_accepted() -> None:
    check_ports(Settings(listen_port=0, private_port=0, media_port=0))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_sample_people_are_not_served_beyond_this_machine(host: str) -> None:
    with pytest.raises(CannotStart, match="only served to this machine"):
        check_sample(Settings(listen_host=host))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_sample_people_are_served_on_loopback(host: str) -> None:
    check_sample(Settings(listen_host=host))
