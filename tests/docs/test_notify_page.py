"""Whoever follows the page takes our messages and nobody else's."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

import pytest

from jikimi.config import Settings
from jikimi.config.secret import Secret
from jikimi.notify.webhook import SIGNATURE, WebhookChannel, signature
from jikimi.testing.clock import NOON, FakeClock
from jikimi.text import Lang
from tests.contract.channel_contract import MESSAGE
from tests.contract.web_server import WebServer
from tests.docs.pages import ROOT

PAGE = (ROOT / "docs/notify.md").read_text(encoding="utf-8")
SECRET = "비밀 secret"
NOW = NOON.timestamp()
BODY = b"{}"


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


@pytest.fixture
def is_from_jikimi() -> Callable[..., bool]:
    shown: dict[str, Any] = {}
    exec(block("python"), shown)  # noqa: S102 - the page's own example
    verify: Callable[..., bool] = shown["is_from_jikimi"]
    return verify


def test_the_example_is_ten_lines() -> None:
    assert len([line for line in block("python").splitlines() if line]) <= 10


def test_the_settings_that_are_shown_can_be_set() -> None:
    settings = Settings.model_validate(tomllib.loads(block("toml")))

    assert settings.notify.mail.host
    assert settings.notify.webhook.url


def test_the_example_takes_what_the_channel_posts(is_from_jikimi: Callable[..., bool]) -> None:
    server = WebServer()
    WebhookChannel(f"http://127.0.0.1:{server.port}", Secret(SECRET), Lang.KO, FakeClock()).send(MESSAGE)
    server.close()

    ((headers, body),) = server.posts
    assert is_from_jikimi(SECRET, headers[SIGNATURE], body, NOW + 299)


@pytest.mark.parametrize(
    ("header", "body", "now"),
    [
        (signature("another", int(NOW), BODY), BODY, NOW),
        (signature(SECRET, int(NOW), BODY), b"[]", NOW),
        (signature(SECRET, int(NOW), BODY), BODY, NOW + 301),
        (signature(SECRET, int(NOW), BODY), BODY, NOW - 301),
        (signature(SECRET, int(NOW), BODY).replace("t=", "t=1"), BODY, NOW),
        ("", BODY, NOW),
        ("t=,v1=", BODY, NOW),
        (f"t={int(NOW)}", BODY, NOW),
        ("t=²,v1=é", BODY, NOW),
    ],
)
def test_the_example_refuses_all_else(
    is_from_jikimi: Callable[..., bool], header: str, body: bytes, now: float
) -> None:
    assert not is_from_jikimi(SECRET, header, body, now)
