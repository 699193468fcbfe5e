"""Puts what a flow has fetched into the inbox, whole or not at all, under a name that is free there."""

from pathlib import Path

from jikimi.config import Config
from jikimi.errors import WrongUse
from jikimi.inbox import safe_name
from jikimi.text import Text


class NoSuchProfile(WrongUse):
    """A flow delivers to a folder that nobody looks into."""

    what = Text(
        "그런 프로필이 없습니다: {profile} (있는 것: {known})", "there is no profile {profile!r} (there is: {known})"
    )
    remedy = Text("jikimi.toml 의 [profiles] 를 보세요", "see [profiles] in jikimi.toml")


def deliver(config: Config, file: Path, profile: str) -> str:
    """Move *file* into `inbox/<profile>/`, and return the name that it has there.

    Raises:
        NoSuchProfile: nobody would take it.
    """
    if profile not in config.settings.profiles:
        raise NoSuchProfile(profile=profile, known=", ".join(config.settings.profiles))
    folder = config.home / "inbox" / profile
    folder.mkdir(parents=True, exist_ok=True)
    name, number = safe_name(file.name), 1
    target = folder / name
    while target.exists():
        number += 1
        target = folder / f"{Path(name).stem} ({number}){Path(name).suffix}"
    file.replace(target)
    return target.name
