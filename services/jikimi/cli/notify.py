"""Whether a message of Jikimi's reaches a person."""

import click

from jikimi.cli.context import Context, print_document
from jikimi.notify.channels import channels_of
from jikimi.notify.message import Message
from jikimi.notify.port import Channel, NotSent
from jikimi.notify.wording import trial_of
from jikimi.status.reader import as_called
from jikimi.text import Text

NOT_WELL = 2
_ARRIVED = Text("{channel}: 보냈습니다", "{channel}: sent")
_NOT_SET = Text(
    """\
알림을 보낼 곳이 없습니다. 알림은 기록(logs/)에만 남습니다.
{file}의 [notify.mail] 또는 [notify.webhook]에 보낼 곳을 쓰고 다시 실행하세요. 예:
  [notify.mail]
  host = "smtp.example.com"
  user = "jikimi@example.com"
  password_file = "keys/smtp-password"
  to = ["kim@example.com"]""",
    """\
no channel is set: messages stay in the log (logs/).
Write into {file}, below [notify.mail] or [notify.webhook], where they go, then run this again. For example:
  [notify.mail]
  host = "smtp.example.com"
  user = "jikimi@example.com"
  password_file = "keys/smtp-password"
  to = ["kim@example.com"]""",
)


@click.group()
def command() -> None:
    """The messages to a person."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document, for scripts.")
@click.pass_obj
def test(context: Context, as_json: bool) -> int:
    """Send a message at once through every channel that is set; leave with 0 if all of them took it, else 2.

    \b
    Examples:
      jikimi notify test
      jikimi notify test --json
    """
    settings = context.config.settings
    channels = channels_of(context.config, context.clock)
    called = context.called or "jikimi"
    message = trial_of(context.clock.now(), company=settings.company.name, zone=settings.zone, called=called)
    failures = {channel.name: _try(channel, message) for channel in channels}
    exit_code = NOT_WELL if any(failures.values()) or not channels else 0
    if as_json:
        listed = [{"name": name, "ok": not why, "why": why.why if why else ""} for name, why in failures.items()]
        return print_document("notify", {"message": message.id, "channels": listed}, exit_code)
    for name, why in failures.items():
        if why:
            click.echo(as_called(why.explain(context.lang), context.called))
        else:
            context.say(_ARRIVED, channel=name)
    if not channels:
        context.say(_NOT_SET, file=context.home.config_file)
    return exit_code


def _try(channel: Channel, message: Message) -> NotSent | None:
    try:
        channel.send(message)
    except NotSent as error:
        return error
    return None
