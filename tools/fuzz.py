"""`./run fuzz NAME`: look for inputs that break a promise, led by coverage. Each target is a file in tests/fuzz/.

A target has `seeds()` and `check(data)`, and a kept corpus in tests/fuzz/corpus/NAME/. New inputs that reach new code
go to var/fuzz/NAME/corpus/, a finding to var/fuzz/NAME/; `--keep` then brings the kept corpus up to date.
"""

import argparse
import importlib
import logging
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

FOLDER = Path("tests/fuzz")
KEPT = FOLDER / "corpus"
FOUND = Path("var/fuzz")
LARGEST_INPUT_BYTES = 4096
SLOWEST_INPUT_S = 10
INSTRUMENTED = ["signaling", "server", "recordings"]
MISSING = (
    "atheris is not installed, so there is nothing to fuzz with: it has wheels for Python 3.11 to 3.13 on Linux x86-64 "
    "only. tests/unit/test_fuzz_targets.py tries the same targets without it."
)


def names() -> list[str]:
    """What can be fuzzed."""
    return sorted(path.stem for path in FOLDER.glob("*.py") if "def check(" in path.read_text())


def is_possible() -> bool:
    """Whether the fuzzer is installed."""
    return find_spec("atheris") is not None


def fuzz(name: str, seconds: int, found: Path = FOUND) -> int:
    """One run of the fuzzer in a process of its own, which it ends by itself; 0 if nothing was found."""
    corpus = found / name / "corpus"
    for folder in (corpus, KEPT / name):
        folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "tools.fuzz", "--inside", name]
    command += [*limits(name, seconds, found), str(corpus), str(KEPT / name)]
    return subprocess.run(command, check=False).returncode


def keep(name: str) -> int:
    """Add to the kept corpus what reaches code that it did not reach."""
    command = [sys.executable, "-m", "tools.fuzz", "--inside", name, "-set_cover_merge=1", str(KEPT / name)]
    return subprocess.run([*command, str(FOUND / name / "corpus")], check=False).returncode


def inside(name: str, options: list[str]) -> None:
    """Become the fuzzer. Does not return."""
    import atheris

    logging.disable()
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = importlib.import_module(f"tests.fuzz.{name}")
    if not any(option.startswith(("-merge", "-set_cover_merge")) for option in options):
        corpus = Path(next(option for option in options if not option.startswith("-")))
        for number, seed in enumerate(target.seeds()):
            (corpus / f"seed-{number}").write_bytes(seed)
    again = f"{sys.executable} -m tools.fuzz --inside {name}"  # how it starts itself, in a shell, when it merges
    atheris.Setup([again, *options], target.check)
    atheris.Fuzz()


def limits(name: str, seconds: int, found: Path) -> list[str]:
    """What every run is held to."""
    return [
        f"-max_total_time={seconds}",
        f"-max_len={LARGEST_INPUT_BYTES}",
        f"-timeout={SLOWEST_INPUT_S}",
        f"-artifact_prefix={found / name}/",
        "-print_final_stats=1",
    ]


def main() -> int:
    """List the targets, or fuzz the one that is named."""
    if sys.argv[1:2] == ["--inside"]:
        inside(sys.argv[2], sys.argv[3:])
    parser = argparse.ArgumentParser(prog="./run fuzz", description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("name", nargs="?", choices=names())
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--keep", action="store_true", help="afterwards add to the kept corpus what reached new code")
    asked = parser.parse_args()
    if asked.name is None:
        print("./run fuzz NAME [--seconds N] [--keep], where NAME is one of:")
        for name in names():
            print(f"  {name:20} {(FOLDER / f'{name}.py').read_text().split(chr(10), 1)[0].strip(chr(34))}")
        return 0
    if not is_possible():
        print(MISSING, file=sys.stderr)
        return 1
    return fuzz(asked.name, asked.seconds) or (keep(asked.name) if asked.keep else 0)


if __name__ == "__main__":
    sys.exit(main())
