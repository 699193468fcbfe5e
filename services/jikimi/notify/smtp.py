"""Mail, by SMTP."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import structlog

from jikimi.config.notify import Mail, Security
from jikimi.config.secret import NoSecret, Secret
from jikimi.notify.message import Message
from jikimi.notify.port import NotSent
from jikimi.text import Lang

log = structlog.get_logger()
TIMEOUT_S = 10.0
_LONGEST_WHY = 200
# What the own name would be needs a name server's answer, which may take longer than all the rest.
_OWN_NAME = "[127.0.0.1]"
_SENDER_NAME = "지킴이 Jikimi"


class SmtpChannel:
    """Sends each message as one mail to all addresses, over a connection of its own.

    Args:
        lang: the language of the mails.
    """

    name = "mail"

    def __init__(self, mail: Mail, password: Secret, lang: Lang, timeout_s: float = TIMEOUT_S) -> None:
        self._mail, self._password, self._lang, self._timeout_s = mail, password, lang, timeout_s

    def __repr__(self) -> str:
        return f"SmtpChannel({self._mail.host}:{self._mail.port})"

    def send(self, message: Message) -> None:
        """Return once the server has taken the mail for at least one address.

        Raises:
            NotSent: it has not.
        """
        try:
            with self._session() as smtp:
                refused = smtp.send_message(self._mail_of(message))
        except (OSError, smtplib.SMTPException, NoSecret, ValueError) as error:
            raise NotSent(channel=self.name, why=self._reason(error)) from None
        if refused:  # the others have it, so it must not be sent again
            log.warning("mail.partly_refused", message=message.id, refused=sorted(refused))

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        mail = self._mail
        password = self._password.read() if mail.user else ""
        if mail.user and not password:
            raise NotSent(channel=self.name, why="no password: set password_file, or JIKIMI_SMTP_PASSWORD")
        smtp = self._connect()
        try:
            if mail.user:
                smtp.login(mail.user, password)
            yield smtp
        finally:
            smtp.close()  # without a farewell: what it took it has answered for

    def _connect(self) -> smtplib.SMTP:
        mail, trust = self._mail, ssl.create_default_context()
        if mail.security is Security.TLS:
            return smtplib.SMTP_SSL(mail.host, mail.port, _OWN_NAME, timeout=self._timeout_s, context=trust)
        smtp = smtplib.SMTP(mail.host, mail.port, _OWN_NAME, timeout=self._timeout_s)
        try:
            if mail.security is Security.STARTTLS:
                smtp.starttls(context=trust)
        except BaseException:
            smtp.close()
            raise
        return smtp

    def _mail_of(self, message: Message) -> EmailMessage:
        mail, words = self._mail, message.words[self._lang]
        sender = Address(_SENDER_NAME, addr_spec=mail.sender or mail.user)
        made = EmailMessage()
        made["From"] = sender
        made["To"] = ", ".join(mail.to)
        made["Subject"] = " ".join(words.subject.split())  # no line of it may become a header
        made["Date"] = format_datetime(message.at)
        made["Message-ID"] = f"<{_plain(message.id)}@{_plain(sender.domain)}>"
        made["References"] = (
            f"<{_plain(message.incident)}@{_plain(sender.domain)}>"  # mails of one incident stay together
        )
        made["Auto-Submitted"] = "auto-generated"
        made["X-Jikimi-Severity"] = message.severity.value
        made.set_content(words.body, charset="utf-8", cte="base64")
        return made

    def _reason(self, error: Exception) -> str:
        """Return in one line why, without what was sent."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            code, answer = next(iter(error.recipients.values()))
            why = f"the server refused every address: {code} {_text(answer)}"
        elif isinstance(error, smtplib.SMTPResponseException):
            what = "the login was refused" if isinstance(error, smtplib.SMTPAuthenticationError) else "the server said"
            why = f"{what}: {error.smtp_code} {_text(error.smtp_error)}"
        elif isinstance(error, TimeoutError) or "timed out" in str(error):
            why = f"no answer within {self._timeout_s:g} s"
        elif isinstance(error, ssl.SSLCertVerificationError):
            why = f"its certificate is not trusted: {error.verify_message}"
        elif isinstance(error, UnicodeError):  # its text would show a sign of the password
            why = "the login, the password or an address has signs that mail cannot take"
        else:
            why = f"{type(error).__name__}: {error}"
        return " ".join(why.split())[:_LONGEST_WHY]


def _plain(text: str) -> str:
    """Return *text* with nothing in it that ends a message's id."""
    return "".join(sign if sign.isascii() and (sign.isalnum() or sign in ".-_") else "-" for sign in text)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
