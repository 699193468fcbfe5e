"""Where messages go is set in one file, and no secret is ever shown."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from jikimi.clock import SystemClock
from jikimi.config import Config, load
from jikimi.config.explain import BadFile
from jikimi.config.load import flatten
from jikimi.config.secret import NoSecret, Secret
from jikimi.notify.channels import channels_of

MAIL = '[notify.mail]\nhost = "smtp.example.com"\nuser = "jikimi@example.com"\nto = ["kim@example.com"]\n'
HOOK = '[notify.webhook]\nurl = "https://hooks.example.com/x"\n'


def loaded(home: Path, text: str, environ: Mapping[str, str] | None = None) -> Config:
    (home / "jikimi.toml").write_text(text, encoding="utf-8")
    return load(home, environ or {})


def problems(home: Path, text: str, environ: Mapping[str, str] | None = None) -> list[str]:
    with pytest.raises(BadFile) as caught:
        loaded(home, text, environ)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("text", "names"), [("", []), (MAIL, ["mail"]), (HOOK, ["webhook"]), (MAIL + HOOK, ["mail", "webhook"])]
)
def test_a_channel_is_there_once_it_has_an_address(tmp_path: Path, text: str, names: list[str]) -> None:
    config = loaded(tmp_path, text)

    assert [channel.name for channel in channels_of(config, SystemClock())] == names


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (MAIL.replace("kim@example.com", "kim"), "jikimi.toml:4: notify.mail.to.0: no mail address"),
        (MAIL.replace("kim@example.com", "kim@a.com, lee@a.com"), "jikimi.toml:4: notify.mail.to.0: no mail address"),
        (MAIL.replace("kim@example.com", "kim@a.com\\nBcc: lee"), "jikimi.toml:4: notify.mail.to.0: no mail address"),
        (MAIL.replace('["kim@example.com"]', "[]"), "jikimi.toml:1: notify.mail: write who gets the mail"),
        (MAIL.replace("jikimi@example.com", "jikimi"), "jikimi.toml:1: notify.mail: write the sender"),
        (MAIL + "prot = 25", "jikimi.toml:5: notify.mail.prot: no such setting; did you mean 'port'?"),
        (MAIL + "port = 0", "jikimi.toml:5: notify.mail.port: "),
        (MAIL + 'security = "ssl"', "jikimi.toml:5: notify.mail.security: must be 'starttls', 'tls' or 'plain'"),
        (HOOK.replace("https://", ""), "jikimi.toml:2: notify.webhook.url: must begin with https:// or http://"),
        (HOOK.replace("hooks.example.com/x", ""), "jikimi.toml:2: notify.webhook.url: must begin with https://"),
    ],
)
def test_what_cannot_work_is_told_on_its_line(tmp_path: Path, text: str, problem: str) -> None:
    (found,) = problems(tmp_path, text)

    assert found.startswith(problem)


def test_a_webhook_s_address_is_not_repeated_for_it_may_be_a_secret(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, HOOK.replace("https://", "htp://"))

    assert "hooks.example.com" not in found


def test_a_secret_comes_from_the_environment_or_from_a_file_below_the_home(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\ufefffrom the file\r\n", encoding="utf-8")
    given = loaded(tmp_path, "", {"JIKIMI_SMTP_PASSWORD": "from the environment", "JIKIMI_WEBHOOK_SECRET": ""})

    assert given.secret("JIKIMI_SMTP_PASSWORD", "secret").read() == "from the environment"
    assert given.secret("JIKIMI_WEBHOOK_SECRET", "secret").read() == "from the file"
    assert given.secret("JIKIMI_WEBHOOK_SECRET", "").read() == ""
    assert not given.secret("JIKIMI_WEBHOOK_SECRET", "")


def test_the_files_may_be_named_by_the_environment(tmp_path: Path) -> None:
    config = loaded(tmp_path, "", {"JIKIMI_SMTP_PASSWORD_FILE": "/run/a", "JIKIMI_WEBHOOK_SECRET_FILE": "/run/b"})

    assert config.settings.notify.mail.password_file == "/run/a"
    assert config.settings.notify.webhook.secret_file == "/run/b"
    assert config.origins["notify.mail.password_file"] == "env JIKIMI_SMTP_PASSWORD_FILE"


def test_a_secret_beside_the_file_for_it_is_a_mistake(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "", {"JIKIMI_SMTP_PASSWORD": "s3cret", "JIKIMI_SMTP_PASSWORD_FILE": "/run/a"})

    assert found == ("environment: JIKIMI_SMTP_PASSWORD: stands beside JIKIMI_SMTP_PASSWORD_FILE; remove one of them")


def test_a_table_that_is_none_is_told_even_if_the_environment_sets_what_is_below_it(tmp_path: Path) -> None:
    (found,) = problems(tmp_path, "notify = 1\n", {"JIKIMI_SMTP_PASSWORD_FILE": "/run/a"})

    assert found.startswith("jikimi.toml:1: notify: ")


@pytest.mark.parametrize(("data", "why"), [(None, "No such file"), (b"\n", "empty"), (b"\xb0", "not UTF-8")])
def test_a_secret_file_that_cannot_be_used_is_named(tmp_path: Path, data: bytes | None, why: str) -> None:
    file = tmp_path / "secret"
    if data is not None:
        file.write_bytes(data)

    with pytest.raises(NoSecret, match=why) as caught:
        Secret(file=file).read()

    assert caught.value.facts["file"] == file


def test_no_secret_is_shown(tmp_path: Path) -> None:
    config = loaded(tmp_path, MAIL + HOOK, {"JIKIMI_SMTP_PASSWORD": "s3cret", "JIKIMI_WEBHOOK_SECRET": "s3cret"})
    secret = config.secret("JIKIMI_SMTP_PASSWORD", "")

    shown = [repr(config), repr(secret), str(flatten(config.settings)), repr(channels_of(config, SystemClock()))]
    assert secret.read() == "s3cret"
    assert not any("s3cret" in text for text in shown)
