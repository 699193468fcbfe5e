"""What people drop: each place below `inbox/` is one capability's, and a file goes from there to `work/` and on."""

from jikimi.config.model import FLOWS
from jikimi.inbox.dropped import (
    LEAST_FREE_BYTES,
    LOOSE,
    Claimed,
    claim,
    claimed,
    is_claimed,
    is_settled,
    move,
    ready,
    safe_name,
)

__all__ = [
    "FLOWS",
    "LEAST_FREE_BYTES",
    "LOOSE",
    "Claimed",
    "claim",
    "claimed",
    "is_claimed",
    "is_settled",
    "move",
    "ready",
    "safe_name",
]
