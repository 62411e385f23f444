"""What a Janus of ours is told: nothing listens but a private socket, nothing runs but the one plugin."""

from pathlib import Path

from signaling.media.janus.configuration import configuration
from signaling.media.janus.settings import JanusProgram

BASE = JanusProgram(Path("/var/lib/ieum/janus/node-0"), event_loops=4)


def test_it_is_ice_lite_with_a_thread_for_each_core_and_the_given_ports() -> None:
    core = configuration(BASE, "the secret")["janus.jcfg"]
    for line in ("ice_lite = true", "event_loops = 4", 'rtp_port_range = "20000-29999"', 'api_secret = "the secret"'):
        assert f"  {line}\n" in core


def test_nobody_administers_it_and_only_the_socket_is_open() -> None:
    files = configuration(BASE, "x")
    sockets = files["janus.transport.websockets.jcfg"]
    assert '  ws_unix = "/var/lib/ieum/janus/node-0/ws.sock"\n' in sockets
    assert "ws_port" not in sockets
    assert "  admin_ws = false\n" in sockets
    assert "admin_secret" not in files["janus.jcfg"]
    assert "libjanus_http.so" in files["janus.jcfg"]


def test_a_host_behind_a_nat_names_its_outer_address() -> None:
    program = JanusProgram(BASE.directory, hosts=("10.0.0.5",), announced_hosts=("203.0.113.7",))
    core = configuration(program, "x")["janus.jcfg"]
    assert '  ice_enforce_list = "10.0.0.5"\n' in core
    assert '  nat_1_1_mapping = "203.0.113.7"\n' in core
    assert "nat_1_1_mapping" not in configuration(BASE, "x")["janus.jcfg"]


def test_what_is_written_into_it_cannot_end_a_line_of_it() -> None:
    core = configuration(BASE, 'a"\nadmin_secret = "b')["janus.jcfg"]
    assert not any(line.strip().startswith("admin_secret") for line in core.splitlines())
