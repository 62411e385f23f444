"""Sample people for trying the product: made, or refreshed, at each `ieum serve --sample`."""

import json
from dataclasses import asdict
from pathlib import Path

from server.actions import refresh_samples as actions
from server.actions.passwords import Passwords
from server.actions.refresh_samples import Samples as Samples
from server.actions.refresh_samples import SampleSite
from server.app.resources import opened
from server.app.sample_guests import make_guests
from server.config import Settings
from server.preparation import SAMPLES_FILE
from server.secret_files import write_private


def write_samples(folder: Path, samples: Samples) -> None:
    """Keep names, passwords and links where only we can read them."""
    write_private(folder / SAMPLES_FILE, json.dumps(asdict(samples), ensure_ascii=False, indent=2))


async def refresh_samples(settings: Settings) -> Samples:
    """Make or refresh the sample people and their meetings. Raises CannotStart."""
    await make_guests(settings.data_dir)
    async with opened(settings) as resources:
        site = SampleSite(
            database=resources.database,
            passwords=Passwords(),
            keys=resources.keys,
            files=resources.files,
            spool=settings.data_dir / "scratch" / "samples",
            clock=resources.clock,
            new_id=resources.new_id,
            new_secret=resources.new_secret,
            public_url=str(settings.public_url).rstrip("/"),
        )
        samples = await actions.refresh_samples(site, _known_passwords(settings.data_dir / SAMPLES_FILE))
    write_samples(settings.data_dir, samples)
    return samples


def _known_passwords(path: Path) -> dict[str, str]:
    """What was kept at an earlier start, by e-mail."""
    try:
        kept = json.loads(path.read_text())
        return {person["email"]: person["password"] for person in kept["people"]}
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return {}
