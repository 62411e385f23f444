"""`./run generate`: files and parts of documents made from code. `--check` says which are no longer current."""

import importlib
import json
import pkgutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from pydantic_core import PydanticUndefined

import server
from server.api import openapi
from server.api.adapter import operation_of
from server.api.errors import status_of
from server.api.routes import ROUTES
from server.config import Settings
from server.domain.errors import Refused
from signaling.messages import reference, typescript

PROTOCOL = Path("signaling/PROTOCOL.md")
BEGIN, END = "<!-- generated: {} -->", "<!-- end -->"


def settings_table() -> str:
    """Every setting with its variable, default and sentence, as a Markdown table."""
    rows = ["| variable | default | meaning |", "|---|---|---|"]
    defaults: dict[str, Any] = {}
    for name, field in Settings.model_fields.items():
        default = defaults[name] = field.get_default(call_default_factory=True, validated_data=defaults)
        shown = "" if default in (PydanticUndefined, None, "", []) else f"`{default}`"
        rows.append(f"| `IEUM_{name.upper()}` | {shown} | {field.description} |")
    return "\n".join(rows)


def api_types() -> str:
    """The OpenAPI document as TypeScript types."""
    with tempfile.TemporaryDirectory() as folder:
        document, types = Path(folder) / "openapi.json", Path(folder) / "api.ts"
        document.write_text(json.dumps(openapi.document([operation_of(route) for route in ROUTES])))
        command = [
            "npm",
            "--prefix",
            "web",
            "exec",
            "--no",
            "--",
            "openapi-typescript",
            str(document),
            "-o",
            str(types),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return types.read_text()


def part(path: Path, name: str, text: str, document: str | None = None) -> str:
    """The document at `path` (or `document`, if it is changed already) with its generated part `name` replaced."""
    before, begin, rest = (path.read_text() if document is None else document).partition(BEGIN.format(name))
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise SystemExit(f"{path} has no generated part {name!r}")
    return f"{before}{begin}\n{text}\n{end}{after}"


COMMAND_LINE_ALONE = {"email_taken", "password_too_short"}  # refusals of `ieum admin`


def refusals(of: type[Refused] = Refused) -> Iterator[type[Refused]]:
    """Every refusal that the server has."""
    if of is Refused:
        for module in pkgutil.walk_packages(server.__path__, "server."):
            if not module.name.startswith(("server.migrations", "server.__main__")):
                importlib.import_module(module.name)
    for child in of.__subclasses__():
        yield child
        yield from refusals(child)


def codes_table() -> str:
    """Every code of the HTTP API with its status and its sentence, as a Markdown table."""
    found = {refusal.code: refusal() for refusal in refusals() if refusal.code not in COMMAND_LINE_ALONE}
    rows = [f"| `{code}` | {int(status_of(one))} | {one.sentence} |" for code, one in sorted(found.items())]
    return "\n".join(["| code | status | |", "|---|---|---|", *rows])


def protocol() -> str:
    """The protocol's page with both of its tables."""
    with_words = part(PROTOCOL, "words", reference.words())
    return part(PROTOCOL, "fields", reference.fields(), with_words)


WHOLE: dict[Path, Callable[[], str]] = {
    Path("web/src/net/messages.gen.ts"): typescript.render,
    Path("web/src/net/api.gen.ts"): api_types,
    PROTOCOL: protocol,
    Path("docs/api.md"): lambda: part(Path("docs/api.md"), "codes", codes_table()),
    Path("docs/deployment.md"): lambda: part(Path("docs/deployment.md"), "settings", settings_table()),
}


def main() -> int:
    """Write what is not current, or with `--check` only say so."""
    check, late = "--check" in sys.argv, 0
    for path, content in WHOLE.items():
        current = content()
        if path.exists() and path.read_text() == current:
            continue
        late += 1
        if check:
            print(f"{path} is not current: ./run generate")
        else:
            path.write_text(current)
            print(f"wrote {path}")
    return 1 if check and late else 0


if __name__ == "__main__":
    sys.exit(main())
