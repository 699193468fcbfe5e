"""The only builder of Redis connections."""

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from redis import Redis
from redis.backoff import ExponentialBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

AWAY = (RedisConnectionError, RedisTimeoutError)
_REFUSALS = ("MISCONF", "OOM", "READONLY", "LOADING", "NOREPLICAS")  # a full disk, a full memory, and the like
_LONGEST_WAIT_S = 1.0
_TIMEOUT_S = 5.0


def connect(url: str, *, retries: int, timeout_s: float = _TIMEOUT_S) -> Redis:
    """Return a client for *url*, such as `unix:///run/redis.sock`; nothing is sent before its first command.

    Args:
        retries: how often a command is sent again after the connection broke, waiting at most 1 s between.
            A command that changes something may then run twice: only those that may are sent with it.
        timeout_s: how long one command may take.
    """
    backoff = ExponentialBackoff(base=0.05, cap=_LONGEST_WAIT_S)
    return Redis.from_url(
        url,
        retry=Retry(backoff, retries),
        retry_on_error=[*AWAY],
        socket_timeout=timeout_s,
        socket_connect_timeout=timeout_s,
    )


def is_unable(error: RedisError) -> bool:
    """Return whether the server is away, or lives and takes no writes for now: to wait is all that helps."""
    return isinstance(error, AWAY) or any(f"{word} " in str(error) for word in _REFUSALS)


def with_password(url: str, password: str) -> str:
    """Return *url* with *password* for the user that it names; "" leaves it as it is."""
    if not password:
        return url
    parts = urlsplit(url)
    user, _, place = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:{quote(password, safe='')}@{place}").geturl()


def answers(url: str) -> bool:
    """Return whether a server takes commands at *url*; one that still loads its data does not."""
    with connect(url, retries=0) as redis:
        return _answers(redis)


def asked_often(url: str) -> Callable[[], bool]:
    """Return what asks the same as `answers` again and again, on one connection as long as that holds."""
    redis = connect(url, retries=0)
    return lambda: _answers(redis)


def _answers(redis: Redis) -> bool:
    try:
        return bool(redis.ping())
    except RedisError:
        return False
