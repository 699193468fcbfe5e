"""A web address that gets each message as JSON, signed; `docs/notify.md` says how to verify it."""

import hashlib
import hmac
import json

import urllib3
from urllib3.exceptions import HTTPError, NewConnectionError, ProtocolError, SSLError
from urllib3.exceptions import TimeoutError as Late

from jikimi.clock import Clock
from jikimi.config.secret import NoSecret, Secret
from jikimi.notify.message import Message
from jikimi.notify.port import NotSent
from jikimi.text import Lang

TIMEOUT_S = 10.0
SIGNATURE = "X-Jikimi-Signature"
_WELL = range(200, 300)
_LONGEST_ANSWER = 200


class WebhookChannel:
    """Posts each message once to *url*, which may hold a secret itself and is therefore never shown.

    Args:
        lang: the language of `subject` and `body`; `words` has both.
    """

    name = "webhook"

    def __init__(self, url: str, secret: Secret, lang: Lang, clock: Clock, timeout_s: float = TIMEOUT_S) -> None:
        self._url, self._secret, self._lang, self._clock = url, secret, lang, clock
        self._timeout_s = timeout_s

    def __repr__(self) -> str:
        return "WebhookChannel()"

    def send(self, message: Message) -> None:
        """Return once the address has answered with 2xx.

        Raises:
            NotSent: it has not.
        """
        body = json.dumps(self._document(message), ensure_ascii=False).encode()
        try:
            headers = {"Content-Type": "application/json; charset=utf-8", **self._signed(body)}
            status, answer = self._post(body, headers)
        except (HTTPError, OSError, NoSecret, ValueError) as error:
            raise NotSent(channel=self.name, why=self._reason(error)) from None
        if status not in _WELL:
            raise NotSent(channel=self.name, why=f"it answered {status} {answer}".strip())

    def _post(self, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
        with urllib3.PoolManager(num_pools=1, timeout=urllib3.Timeout(total=self._timeout_s)) as pool:
            answer = pool.request(
                "POST",
                self._url,
                body=body,
                headers=headers,
                redirect=False,  # the signed message goes where the operator said, and nowhere else
                retries=False,
                preload_content=False,
            )
            # An endless answer is nobody's business: only what a refusal says is read, and little of it.
            try:
                said = b"" if answer.status in _WELL else answer.read(_LONGEST_ANSWER)
            finally:
                answer.close()
        return answer.status, " ".join(said.decode("utf-8", "replace").split())

    def _signed(self, body: bytes) -> dict[str, str]:
        secret = self._secret.read()
        return {SIGNATURE: signature(secret, int(self._clock.now().timestamp()), body)} if secret else {}

    def _document(self, message: Message) -> dict[str, object]:
        words = message.words[self._lang]
        return {
            "schema": "jikimi.message",
            "schema_version": 1,
            "id": message.id,
            "incident": message.incident,
            "step": message.step,
            "severity": message.severity.value,
            "unit": message.unit,
            "at": message.at.isoformat(),
            "subject": words.subject,
            "body": words.body,
            "text": f"{words.subject}\n\n{words.body}",
            "words": {lang.value: {"subject": both.subject, "body": both.body} for lang, both in message.words.items()},
        }

    def _reason(self, error: Exception) -> str:
        """Return why, in words of our own: the library's would name the whole address."""
        if isinstance(error, NoSecret):
            return str(error)
        reasons = {
            NewConnectionError: "no connection: nobody answers at this address",
            Late: f"no answer within {self._timeout_s:g} s",
            SSLError: "its certificate is not trusted",
            ProtocolError: "the connection broke off",
        }
        return next((why for kind, why in reasons.items() if isinstance(error, kind)), type(error).__name__)


def signature(secret: str, at_s: int, body: bytes) -> str:
    """Return the header's value for a *body* sent *at_s* seconds after 1970."""
    digest = hmac.new(secret.encode(), f"{at_s}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at_s},v1={digest}"
