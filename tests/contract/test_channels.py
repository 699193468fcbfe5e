"""The fake channel and the real ones keep the same contract."""

import json
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from jikimi.config.notify import Mail, Security
from jikimi.config.secret import Secret
from jikimi.notify.port import Channel, NotSent
from jikimi.notify.smtp import SmtpChannel
from jikimi.notify.webhook import WebhookChannel
from jikimi.testing.clock import FakeClock
from jikimi.testing.notify import FakeChannel
from jikimi.text import Lang
from tests.conftest import missing
from tests.contract.channel_contract import KOREAN, MESSAGE, SECRET, ChannelContract, Received, Wire
from tests.contract.mail_server import MailServer
from tests.contract.web_server import WebServer

USER = "jikimi@example.com"
SHORT_S = 0.5


class FakeWire:
    def __init__(self) -> None:
        self.channel = FakeChannel()

    def received(self) -> list[Received]:
        words = [(message.words[Lang.KO], message.id) for message in self.channel.sent]
        return [Received(" ".join(word.subject.split()), word.body, name) for word, name in words]

    def go_away(self) -> None:
        self.channel.why = "away"

    refuse = hang = go_away

    def come_back(self) -> None:
        self.channel.why = ""


class MailWire:
    def __init__(self, server: MailServer, security: Security = Security.PLAIN, **settings: object) -> None:
        self.server = server
        server.login = (USER, SECRET)
        mail = Mail(host="localhost", port=server.port, security=security, user=USER, to=("kim@example.com",))
        self.mail = mail.model_copy(update=settings)
        self.channel: Channel = SmtpChannel(self.mail, Secret(SECRET), Lang.KO, SHORT_S)

    def received(self) -> list[Received]:
        return [Received(mail["Subject"], mail.get_content(), mail["Message-ID"]) for mail in self.server.mails]

    def go_away(self) -> None:
        self.server.close()

    def come_back(self) -> None:
        self.server.open()

    def refuse(self) -> None:
        self.server.login = (USER, "another")

    def hang(self) -> None:
        self.server.hangs = True


class WebWire:
    def __init__(self, server: WebServer, secret: str = SECRET) -> None:
        self.server = server
        url = f"http://127.0.0.1:{server.port}/in/{SECRET}"
        self.channel: Channel = WebhookChannel(url, Secret(secret), Lang.KO, FakeClock(), SHORT_S)

    def received(self) -> list[Received]:
        documents = [json.loads(body) for _, body in self.server.posts]
        return [Received(found["subject"], found["body"], found["id"]) for found in documents]

    def go_away(self) -> None:
        self.server.close()

    def come_back(self) -> None:
        self.server.open()

    def refuse(self) -> None:
        self.server.status, self.server.says = 403, b"not allowed here"

    def hang(self) -> None:
        self.server.hangs = True


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.close()


@pytest.fixture
def web_server() -> Iterator[WebServer]:
    server = WebServer()
    yield server
    server.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of this machine's own, with its key in the same file."""
    if shutil.which("openssl") is None:
        missing("openssl")
    folder = tmp_path_factory.mktemp("certificate")
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "own.pem"]
    subprocess.run([*new, *names], cwd=folder, check=True, capture_output=True)
    both = folder / "both.pem"
    both.write_text((folder / "key.pem").read_text() + (folder / "own.pem").read_text())
    return both


class TestFakeChannel(ChannelContract):
    @pytest.fixture
    def wire(self) -> Wire:
        return FakeWire()


class TestSmtpChannel(ChannelContract):
    @pytest.fixture
    def wire(self, mail_server: MailServer) -> Wire:
        return MailWire(mail_server)


class TestWebhookChannel(ChannelContract):
    @pytest.fixture
    def wire(self, web_server: WebServer) -> Wire:
        return WebWire(web_server)


@pytest.fixture(params=[Security.STARTTLS, Security.TLS])
def safe_mail(request: pytest.FixtureRequest, certificate: Path) -> Iterator[MailWire]:
    security: Security = request.param
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    server = MailServer(tls, tls_at_once=security is Security.TLS)
    yield MailWire(server, security)
    server.close()


def test_mail_goes_over_tls_where_the_server_s_certificate_is_trusted(
    safe_mail: MailWire, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    safe_mail.channel.send(MESSAGE)

    assert safe_mail.server.was_safe == [True]


def test_no_login_is_given_to_a_server_whose_certificate_is_not_trusted(safe_mail: MailWire) -> None:
    with pytest.raises(NotSent, match="certificate"):
        safe_mail.channel.send(MESSAGE)

    assert not any(line.startswith("AUTH") for line in safe_mail.server.said)


def test_no_login_is_given_to_a_server_that_cannot_do_the_tls_that_was_asked_for(mail_server: MailServer) -> None:
    with pytest.raises(NotSent, match="STARTTLS"):
        MailWire(mail_server, Security.STARTTLS).channel.send(MESSAGE)

    assert not any(line.startswith("AUTH") for line in mail_server.said)


def test_a_mail_is_sent_to_all_and_says_that_a_program_wrote_it(mail_server: MailServer) -> None:
    MailWire(mail_server, to=("kim@example.com", "lee@example.com")).channel.send(MESSAGE)

    (mail,) = mail_server.mails
    assert mail["To"] == "kim@example.com, lee@example.com"
    assert mail["From"] == "지킴이 Jikimi <jikimi@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert (mail["Message-ID"], mail["References"]) == (
        "<20261120-030000-7.acted@example.com>",
        "<20261120-030000-7@example.com>",
    )
    assert [line for line in mail_server.said if line.startswith("rcpt")] == [
        "rcpt TO:<kim@example.com>",
        "rcpt TO:<lee@example.com>",
    ]


def test_a_mail_that_some_may_not_get_is_sent_to_the_others_once(mail_server: MailServer) -> None:
    mail_server.refuses = {"lee@example.com"}
    wire = MailWire(mail_server, to=("kim@example.com", "lee@example.com"))

    with capture_logs() as logs:
        wire.channel.send(MESSAGE)

    assert len(mail_server.mails) == 1
    assert [(line["event"], line["refused"]) for line in logs] == [("mail.partly_refused", ["lee@example.com"])]


def test_a_mail_that_nobody_may_get_is_not_sent(mail_server: MailServer) -> None:
    mail_server.refuses = {"*"}

    with pytest.raises(NotSent, match=r"every address: 550 5\.1\.1 no such mailbox"):
        MailWire(mail_server).channel.send(MESSAGE)


def test_a_refused_login_says_what_the_server_said(mail_server: MailServer) -> None:
    wire = MailWire(mail_server)
    wire.refuse()

    with pytest.raises(NotSent, match=r"the login was refused: 535 5\.7\.8 wrong name or password"):
        wire.channel.send(MESSAGE)


@pytest.mark.parametrize("password", ["", "암호-of-jikimi"])
def test_a_password_that_cannot_be_used_is_said_without_it(mail_server: MailServer, password: str) -> None:
    mail = MailWire(mail_server).mail
    channel = SmtpChannel(mail, Secret(password), Lang.KO, SHORT_S)

    with pytest.raises(NotSent, match="password") as caught:
        channel.send(MESSAGE)

    assert "암" not in caught.value.why
    assert "jikimi" not in caught.value.why


def test_a_password_file_that_is_missing_is_named_and_counts_once_it_is_there(
    mail_server: MailServer, tmp_path: Path
) -> None:
    file = tmp_path / "smtp-password"
    channel = SmtpChannel(MailWire(mail_server).mail, Secret(file=file), Lang.KO, SHORT_S)
    with pytest.raises(NotSent, match="smtp-password"):
        channel.send(MESSAGE)

    file.write_text(f"{SECRET}\n", encoding="utf-8")
    channel.send(MESSAGE)

    assert len(mail_server.mails) == 1


def test_without_a_login_none_is_given(mail_server: MailServer) -> None:
    MailWire(mail_server, user="", sender=USER).channel.send(MESSAGE)

    assert len(mail_server.mails) == 1
    assert not any(line.startswith("AUTH") for line in mail_server.said)


def test_a_redirect_is_not_followed(web_server: WebServer) -> None:
    web_server.status, web_server.location = 307, f"http://127.0.0.1:{web_server.port}/elsewhere"

    with pytest.raises(NotSent, match="307"):
        WebWire(web_server).channel.send(MESSAGE)

    assert web_server.tries == 1


def test_a_refusal_says_what_the_server_said_and_no_more_than_a_line(web_server: WebServer) -> None:
    web_server.status, web_server.says = 400, b"no such\r\nchannel" + b"!" * 10_000

    with pytest.raises(NotSent) as caught:
        WebWire(web_server).channel.send(MESSAGE)

    assert caught.value.why.startswith("it answered 400 no such channel!")
    assert len(caught.value.why) < 300


def test_without_a_secret_nothing_is_signed(web_server: WebServer) -> None:
    WebWire(web_server, secret="").channel.send(MESSAGE)

    ((headers, _),) = web_server.posts
    assert "X-Jikimi-Signature" not in headers


def test_a_post_has_both_languages_and_the_one_that_is_set(web_server: WebServer) -> None:
    WebWire(web_server).channel.send(replace(MESSAGE, unit=""))

    ((headers, body),) = web_server.posts
    document = json.loads(body)
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert document["words"]["ko"] == {"subject": KOREAN.subject, "body": KOREAN.body}
    assert document["words"]["en"]["subject"].startswith("[Jikimi]")
    assert document["text"] == f"{KOREAN.subject}\n\n{KOREAN.body}"
    assert (document["severity"], document["unit"], document["at"]) == ("warning", "", MESSAGE.at.isoformat())
