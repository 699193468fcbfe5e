"""What a flow is written with: `from jikimi.rpa import Business, button, field, flow`."""

from jikimi.rpa.errors import Application, Business, NoSession, Unsure
from jikimi.rpa.flow import Flow, flow
from jikimi.rpa.handle import ItemHandle
from jikimi.rpa.secret import Secret
from jikimi.rpa.selector import Selector, button, by_id, field, role
from jikimi.rpa.ui import Ui

__all__ = [
    "Application",
    "Business",
    "Flow",
    "ItemHandle",
    "NoSession",
    "Secret",
    "Selector",
    "Ui",
    "Unsure",
    "button",
    "by_id",
    "field",
    "flow",
    "role",
]
