"""What an answer of Tryton means: a value, a refusal, or that nothing is proved."""

import json
import re
from http import HTTPStatus
from typing import Any

import urllib3

from jikimi.erp.port import NotAllowed, Refused, Unavailable

_ONE_MOVE = re.compile(r"rest/model/account\.move/\d+")


def understand(answer: urllib3.BaseHTTPResponse, path: str) -> Any:
    """Tell a refusal from absence: only a 400 whose body is JSON is a refusal.

    A locked or absent database is answered with 400 and HTML, as if the method did not exist. A 404 speaks
    of a record that is gone, since the database was asked before.
    """
    if answer.status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        raise NotAllowed(answer=answer.status)
    if answer.status == HTTPStatus.NOT_FOUND and _ONE_MOVE.match(path):
        raise Refused(answer="it is gone")
    try:
        document = json.loads(answer.data) if answer.data else None
    except ValueError:
        raise Unavailable(answer=f"{answer.status} without JSON") from None
    if answer.status in (HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.NO_CONTENT):
        return document
    if answer.status == HTTPStatus.BAD_REQUEST:
        raise Refused(answer=_message(document))
    raise Unavailable(answer=answer.status)


def _message(document: Any) -> str:
    """Return Tryton's own words: a message, and sometimes a description of it."""
    if not isinstance(document, dict):
        return str(document)
    return " ".join(str(document[name]) for name in ("message", "description") if document.get(name))
