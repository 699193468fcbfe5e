"""`[notify]`: how a person is told."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from jikimi.config.table import Table


def _one_address(text: str) -> str:
    before, _, after = text.partition("@")
    is_plain = not any(sign.isspace() or sign in '@<>,;:"' for sign in before + after)
    if text and not (before and after and is_plain):
        raise ValueError(f'no mail address; write one such as "kim@example.com" (got {text!r})')
    return text


def _web_address(text: str) -> str:
    _, scheme, rest = text.partition("://")
    if text and not (text.startswith(("https://", "http://")) and scheme and rest.strip("/")):
        raise ValueError("must begin with https:// or http:// (got something else)")
    return text


Address = Annotated[str, AfterValidator(_one_address)]
WebAddress = Annotated[str, AfterValidator(_web_address)]


class Security(StrEnum):
    """How the way to the mail server is kept from others' eyes."""

    STARTTLS = "starttls"
    TLS = "tls"
    PLAIN = "plain"


class Mail(Table):
    """The mail server that messages go through."""

    host: str = Field(
        default="", description="메일(SMTP) 서버, 비우면 메일을 보내지 않음 / the SMTP server; empty: no mail is sent"
    )
    port: int = Field(default=587, ge=1, le=65535, description="메일 서버의 포트 / the mail server's port")
    security: Security = Field(
        default=Security.STARTTLS,
        description="starttls, tls(보통 465번 포트) 또는 plain(암호화 없음) / starttls, tls (mostly port 465) or plain",
    )
    user: str = Field(default="", description="로그인 이름, 비우면 로그인 안 함 / the login; empty: none")
    password_file: str = Field(
        default="",
        description="암호가 든 파일(홈 기준), 또는 JIKIMI_SMTP_PASSWORD / file with the password (from the home),"
        " or JIKIMI_SMTP_PASSWORD",
    )
    sender: Address = Field(
        default="", description="보내는 주소, 비우면 로그인 이름 / the sender's address; empty: the login"
    )
    to: tuple[Address, ...] = Field(default=(), description="받는 주소 목록 / the addresses that get the messages")

    @model_validator(mode="after")
    def _has_addresses(self) -> Self:
        if self.host and not any(self.to):
            raise ValueError('write who gets the mail: to = ["kim@example.com"]; got a host and no address')
        if self.host and "@" not in (self.sender or self.user):
            raise ValueError('write the sender: sender = "jikimi@example.com"; got none, and no login that is one')
        return self


class Webhook(Table):
    """The web address that messages are posted to."""

    url: WebAddress = Field(
        default="", description="메시지를 받을 웹 주소, 비우면 안 보냄 / where messages are posted; empty: nowhere"
    )
    secret_file: str = Field(
        default="",
        description="서명에 쓸 비밀이 든 파일(홈 기준), 또는 JIKIMI_WEBHOOK_SECRET / file with the secret that signs"
        " (from the home), or JIKIMI_WEBHOOK_SECRET",
    )


class Notify(Table):
    """How a person is told; with nothing set, messages stay in the outbox and the log."""

    mail: Mail = Mail()
    webhook: Webhook = Webhook()
