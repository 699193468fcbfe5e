"""All together: real threads, real time, and a process that is killed."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from threading import Event

import pytest
from structlog.testing import capture_logs

from jikimi.clock import Clock, SystemClock
from jikimi.config.secret import Secret
from jikimi.notify.notices import Notices
from jikimi.notify.outbox import Outbox
from jikimi.notify.outbox_file import NewerOutbox
from jikimi.notify.port import Channel
from jikimi.notify.webhook import WebhookChannel
from jikimi.testing.clock import FakeClock
from jikimi.testing.notify import FakeChannel
from jikimi.text import Lang
from tests.conftest import Until
from tests.contract.web_server import WebServer
from tests.docs.pages import ROOT
from tests.unit.notify.letters import letter

WITHIN_S = 10.0


Open = Callable[..., Notices]


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Open]:
    made: list[Notices] = []

    def open_notices(*channels: Channel, clock: Clock | None = None) -> Notices:
        made.append(Notices(tmp_path / "outbox.sqlite", channels, clock or SystemClock()))
        made[-1].start()
        return made[-1]

    yield open_notices
    for notices in made:
        notices.close()


def test_a_channel_that_hangs_keeps_back_neither_the_other_one_nor_the_keeper(opened: Open, until: Until) -> None:
    stuck, other, released = FakeChannel("mail"), FakeChannel("webhook"), Event()
    stuck.before = partial(released.wait, 60)
    notices, clock = opened(stuck, other), SystemClock()

    begun = clock.ticks()
    for number in range(5):
        assert notices.put(letter(str(number), at=clock.now()))
    assert clock.ticks() - begun < 1

    until(lambda: len(other.sent) == 5, WITHIN_S)
    assert stuck.tries <= 1
    begun = clock.ticks()
    notices.close(within_s=0.1)
    assert clock.ticks() - begun < 2
    released.set()


def test_what_the_last_life_could_not_send_the_next_one_sends(opened: Open, until: Until) -> None:
    away, back = FakeChannel(), FakeChannel()
    away.why = "away"
    clock = FakeClock()
    notices = opened(away, clock=clock)
    notices.put(letter())
    until(lambda: away.tries, WITHIN_S)
    notices.close()
    clock.advance(5)

    notices = opened(back, clock=clock)

    until(lambda: back.sent, WITHIN_S)
    assert not notices.put(letter())


KILLED_WHILE_SENDING = """\
import sys
from pathlib import Path
from jikimi.clock import SystemClock
from jikimi.config.secret import Secret
from jikimi.notify.notices import Notices
from jikimi.notify.webhook import WebhookChannel
from jikimi.text import Lang
from tests.unit.notify.letters import letter

clock = SystemClock()
notices = Notices(Path(sys.argv[1]), [WebhookChannel(sys.argv[2], Secret(), Lang.KO, clock)], clock)
notices.start()
notices.put(letter(at=clock.now()))
clock.wait(60)
"""


def test_a_process_that_is_killed_while_it_sends_loses_nothing(opened: Open, tmp_path: Path, until: Until) -> None:
    server, clock = WebServer(), SystemClock()
    server.hangs = True
    url = f"http://127.0.0.1:{server.port}"
    command = [sys.executable, "-c", KILLED_WHILE_SENDING, str(tmp_path / "outbox.sqlite"), url]
    paths = os.pathsep.join([str(ROOT / "services"), str(ROOT)])
    with subprocess.Popen(command, cwd=ROOT, env={"PYTHONPATH": paths}) as process:
        until(lambda: server.tries, WITHIN_S)
        process.kill()
    server.hangs = False

    with capture_logs() as logs:
        notices = opened(WebhookChannel(url, Secret(), Lang.KO, clock))
        until(lambda: len(logs) >= 2, WITHIN_S)

    assert [line["event"] for line in logs] == ["message.in_doubt", "message.sent"]
    assert len(server.posts) == 1
    assert not notices.put(letter())
    server.close()


def test_what_waits_for_a_channel_that_is_not_set_any_more_is_given_up(opened: Open, tmp_path: Path) -> None:
    away = FakeChannel("mail")
    away.why = "away"
    clock = FakeClock()
    notices = opened(away, clock=clock)
    notices.put(letter())
    notices.close()

    opened(clock=clock)

    with closing(Outbox(tmp_path / "outbox.sqlite", FakeClock())) as outbox:
        (delivery,) = outbox.deliveries("1", "acted")
        assert (delivery.state, delivery.why) == ("given up", "not set any more")


def test_a_newer_outbox_is_refused_at_the_start(tmp_path: Path) -> None:
    with closing(Outbox(tmp_path / "outbox.sqlite", FakeClock())) as outbox:
        outbox.open()
        outbox._base.execute("PRAGMA user_version=9")

    with pytest.raises(NewerOutbox):
        Notices(tmp_path / "outbox.sqlite", [], FakeClock())


def test_an_outbox_that_cannot_be_opened_does_not_keep_the_supervisor_from_starting(tmp_path: Path) -> None:
    with capture_logs() as logs:
        notices = Notices(tmp_path / "away/outbox.sqlite", [], FakeClock())
        assert not notices.put(letter())

    assert [line["event"] for line in logs] == ["outbox.not_opened", "message.not_kept"]
    (tmp_path / "away").mkdir()
    assert notices.put(letter("2"))
    notices.close()
