"""The configuration of a Janus that a node starts: what it needs and nothing else. Pure.

No admin interface, no HTTP, no plugin but VideoRoom, no rooms and no recordings of its own. Only who can open its
private socket and knows a secret that is new with each start can speak to it.
"""

import json
from collections.abc import Mapping, Sequence

from signaling.media.janus.settings import JanusProgram

SESSION_TIMEOUT_S = 60  # without a word from the node
RECLAIM_WITHIN_S = 20  # after its connection broke, media goes on so long
NO_MEDIA_AFTER_S = 2  # a track is told to be silent; a voice with DTX is one packet in 400 ms

_PLUGINS = (
    *("audiobridge", "duktape", "echotest", "lua", "nosip", "recordplay", "sip"),
    *("streaming", "textroom", "videocall", "voicemail"),
)
_TRANSPORTS = ("http", "mqtt", "nanomsg", "pfunix", "rabbitmq")
_EVENTS = ("gelfevh", "mqttevh", "nanomsgevh", "rabbitmqevh", "sampleevh", "wsevh")


def configuration(program: JanusProgram, secret: str) -> Mapping[str, str]:
    """The files of its configuration folder, by name."""
    first, last = program.ports
    nat: dict[str, object] = {"ice_lite": True, "ice_tcp": False, "full_trickle": False, "ignore_mdns": True}
    if program.hosts:
        nat["ice_enforce_list"] = ",".join(program.hosts)
    if program.announced_hosts:
        nat["nat_1_1_mapping"] = ",".join(program.announced_hosts)
    core: dict[str, dict[str, object]] = {
        "general": {
            "configs_folder": str(program.directory),
            "log_to_stdout": False,
            "log_to_file": str(program.log),
            "debug_level": 3,  # errors and warnings
            "api_secret": secret,
            "session_timeout": SESSION_TIMEOUT_S,
            "reclaim_session_timeout": RECLAIM_WITHIN_S,
            "event_loops": program.event_loops,
            "hide_dependencies": True,
        },
        "media": {
            "ipv6": True,
            "rtp_port_range": f"{first}-{last}",
            "no_media_timer": NO_MEDIA_AFTER_S,
            "slowlink_threshold": 0,
        },
        "nat": nat,
        "plugins": {"disable": _libraries(_PLUGINS)},
        "transports": {"disable": _libraries(_TRANSPORTS)},
        "loggers": {"disable": _libraries(["jsonlog"])},
        "events": {"broadcast": False, "disable": _libraries(_EVENTS)},
    }
    sockets: dict[str, dict[str, object]] = {
        "general": {"json": "compact", "ws": True, "ws_unix": str(program.socket), "wss": False},
        "admin": {"admin_ws": False, "admin_wss": False},
    }
    return {
        "janus.jcfg": _text(core),
        "janus.transport.websockets.jcfg": _text(sockets),
        "janus.plugin.videoroom.jcfg": _text({"general": {"events": False}}),
    }


def _libraries(names: Sequence[str]) -> str:
    return ",".join(f"libjanus_{name}.so" for name in names)


def _text(sections: Mapping[str, Mapping[str, object]]) -> str:
    """As libconfig reads it; its strings, numbers and booleans are written as in JSON."""
    return "".join(
        f"{section}: {{\n" + "".join(f"  {name} = {json.dumps(value)}\n" for name, value in values.items()) + "}\n"
        for section, values in sections.items()
    )
