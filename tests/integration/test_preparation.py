"""What `ieum serve` refuses to start with, each in one clear sentence."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from server.config import Settings
from server.preparation import SAMPLES_FILE, CannotStart, check_ports, check_sample, data_directory, private_ports
from server.serving import commands
from tests.e2e.product import free_port


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


@contextmanager
def taken(kind: socket.SocketKind, host: str, port: int) -> Iterator[None]:
    """Somebody else has the port, on this address alone."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as held:
        held.bind((host, port))
        if kind == socket.SOCK_STREAM:
            held.listen()
        yield


@pytest.mark.parametrize("process", range(4))
def test_the_private_port_of_every_process_is_looked_at(process: int) -> None:
    first = free_port()
    with taken(socket.SOCK_STREAM, "127.0.0.1", first + process):
        settings = Settings(listen_port=0, private_port=first, media_port=0, nodes=2)
        with pytest.raises(CannotStart, match=f"port {first + process} .*IEUM_PRIVATE_PORT"):
            check_ports(settings)


def test_every_process_that_is_started_has_one_of_those_ports() -> None:
    settings = Settings(private_port=9080, nodes=2)
    given = [int(command.environment["IEUM_PRIVATE_PORT"]) for command in commands(settings)]
    assert sorted(given) == list(private_ports(settings))


@pytest.mark.parametrize("node", range(2))
@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1"])
@pytest.mark.parametrize("media_hosts", [[], ["127.0.0.1", "127.0.0.2", "::1"]])
def test_the_media_port_of_every_node_is_looked_at_on_every_address(
    node: int, host: str, media_hosts: list[str]
) -> None:
    first = free_port(socket.SOCK_DGRAM)
    with taken(socket.SOCK_DGRAM, host, first + node):
        settings = Settings.model_validate(
            {"listen_port": 0, "private_port": 0, "media_port": first, "nodes": 2, "media_hosts": media_hosts}
        )
        with pytest.raises(CannotStart, match=f"port {first + node} .*IEUM_MEDIA_PORT"):
            check_ports(settings)


def test_a_port_behind_the_last_one_is_a_sentence_too() -> None:
    with pytest.raises(CannotStart, match=r"port 65536 .*IEUM_PRIVATE_PORT"):
        check_ports(Settings(listen_port=0, private_port=65535, media_port=0))


def test_free_ports_are_accepted() -> None:
    check_ports(Settings(listen_port=0, private_port=0, media_port=0))


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.org"])
def test_sample_people_are_not_served_beyond_this_machine(host: str) -> None:
    with pytest.raises(CannotStart, match="only served to this machine"):
        check_sample(Settings(listen_host=host))


@pytest.mark.parametrize("process", ["serve", "web"])
def test_what_was_once_started_with_samples_is_never_served_beyond_this_machine(tmp_path: Path, process: str) -> None:
    (tmp_path / SAMPLES_FILE).touch()
    environment = {**os.environ, "IEUM_DATA_DIR": str(tmp_path), "IEUM_LISTEN_HOST": "0.0.0.0"}
    command = [sys.executable, "-m", "server", process]
    refused = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stderr.startswith("ieum: sample people are only served to this machine, not on 0.0.0.0;")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.0.0.2", "::1"])
def test_sample_people_are_served_on_loopback(host: str) -> None:
    check_sample(Settings(listen_host=host))
