"""What people drop: each place below `inbox/` is one capability's, and a file goes from there to `work/` and on."""

from jikimi.config.model import FLOWS, OUTGOING
from jikimi.inbox.dropped import (
    LEAST_FREE_BYTES,
    LOOSE,
    Claimed,
    claim,
    claimed,
    is_claimed,
    is_settled,
    move,
    own_page,
    ready,
    safe_name,
)
from jikimi.inbox.hand_over import (
    Reply,
    drop_item,
    file_name,
    is_question,
    newest_reply,
    open_questions,
    question_name,
    read_reply,
    replies,
    write_reply,
)

__all__ = [
    "FLOWS",
    "LEAST_FREE_BYTES",
    "LOOSE",
    "OUTGOING",
    "Claimed",
    "Reply",
    "claim",
    "claimed",
    "drop_item",
    "file_name",
    "is_claimed",
    "is_question",
    "is_settled",
    "move",
    "newest_reply",
    "open_questions",
    "own_page",
    "question_name",
    "read_reply",
    "ready",
    "replies",
    "safe_name",
    "write_reply",
]
