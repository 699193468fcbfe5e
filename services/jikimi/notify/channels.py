"""The channels that the settings name."""

from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.notify.port import Channel
from jikimi.notify.smtp import SmtpChannel
from jikimi.notify.webhook import WebhookChannel


def channels_of(config: Config, clock: Clock) -> list[Channel]:
    """Return them; secrets are read when something is sent, so a missing one keeps nothing from starting."""
    mail, webhook = config.settings.notify.mail, config.settings.notify.webhook
    channels: list[Channel] = []
    if mail.host:
        channels.append(SmtpChannel(mail, config.secret("JIKIMI_SMTP_PASSWORD", mail.password_file), config.lang))
    if webhook.url:
        secret = config.secret("JIKIMI_WEBHOOK_SECRET", webhook.secret_file)
        channels.append(WebhookChannel(webhook.url, secret, config.lang, clock))
    return channels
