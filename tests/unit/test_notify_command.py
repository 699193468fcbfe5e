"""`jikimi notify test` says for each channel whether a message arrives, without a running stack."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from jikimi.cli import main
from jikimi.cli.notify import command
from tests.contract.mail_server import MailServer
from tests.contract.web_server import WebServer

SECRET = "p4ss-w0rd-of-jikimi"


class Office:
    """A home whose messages go to servers of this machine."""

    def __init__(self, home: Path) -> None:
        self.home, self.mail, self.web = home, MailServer(), WebServer()
        self.mail.login = ("jikimi@example.com", SECRET)
        (home / "password").write_text(SECRET, encoding="utf-8")
        (home / "jikimi.toml").write_text(
            f'language = "ko"\n[notify.mail]\nhost = "127.0.0.1"\nport = {self.mail.port}\nsecurity = "plain"\n'
            f'user = "jikimi@example.com"\npassword_file = "password"\nto = ["kim@example.com"]\n'
            f'[notify.webhook]\nurl = "http://127.0.0.1:{self.web.port}/"\nsecret_file = "password"\n',
            encoding="utf-8",
        )

    def run(self, *arguments: str) -> int:
        return main.run(["--home", str(self.home), "notify", "test", *arguments])

    def close(self) -> None:
        self.mail.close()
        self.web.close()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    office = Office(tmp_path)
    yield office
    office.close()


def test_a_message_is_sent_through_every_channel(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.run() == 0

    assert (len(office.mail.mails), len(office.web.posts)) == (1, 1)
    assert office.mail.mails[0]["Subject"].startswith("[지킴이][시험]")
    assert capsys.readouterr().out == "mail: 보냈습니다\nwebhook: 보냈습니다\n"


def test_a_channel_that_fails_is_told_with_its_cure_and_the_other_one_is_tried(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    office.mail.login = ("jikimi@example.com", "another")

    assert office.run() == 2

    out = capsys.readouterr().out
    assert "535 5.7.8 wrong name or password" in out
    assert "jikimi notify test" in out
    assert "webhook: 보냈습니다" in out
    assert SECRET not in out


def test_a_script_gets_one_document(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.web.status = 500

    assert office.run("--json") == 2

    document = json.loads(capsys.readouterr().out)
    assert (document["schema"], document["exit_code"]) == ("jikimi.notify", 2)
    assert document["channels"] == [
        {"name": "mail", "ok": True, "why": ""},
        {"name": "webhook", "ok": False, "why": "it answered 500"},
    ]


def test_without_a_channel_it_says_how_to_set_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["--home", str(tmp_path), "--lang", "ko", "notify", "test"]) == 2
    assert "[notify.mail]" in capsys.readouterr().out

    assert main.run(["--home", str(tmp_path), "notify", "test", "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["channels"] == []


def test_no_option_takes_a_secret() -> None:
    assert isinstance(command, click.Group)
    options = [parameter.name for inner in command.commands.values() for parameter in inner.params]

    assert options == ["as_json"]
