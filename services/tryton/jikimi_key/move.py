"""The fields of a move that are Jikimi's, and the rule that a key is posted once. GPL-3.0-or-later."""

import logging
from collections import Counter
from typing import Any

from sql import Null
from trytond import backend
from trytond.exceptions import UserError
from trytond.model import ModelView, dualmethod, fields
from trytond.pool import Pool, PoolMeta
from trytond.pyson import Eval
from trytond.transaction import Transaction

_OURS = ("jk1-", "jk2-")
_HIDDEN = {"invisible": ~Eval("jikimi_key")}
# Not through Tryton's own lists of constraints and indexes: on SQLite it would check the first in Python only, and it
# makes the second after the module counts as activated, when the process may have been killed.
_INDEXES = (
    "CREATE INDEX IF NOT EXISTS account_move_jikimi_key ON account_move (jikimi_key)",
    """CREATE UNIQUE INDEX IF NOT EXISTS account_move_jikimi_key_posted ON account_move (jikimi_key)
    WHERE state = 'posted' AND jikimi_key IS NOT NULL""",
)
_logger = logging.getLogger(__name__)


class Key(fields.Char):
    """Text that is searched by its column itself, so that the index serves; Tryton would take "" for none."""

    def _domain_column(self, operator: str, column: Any) -> Any:
        return fields.Field._domain_column(self, operator, column)  # noqa: SLF001

    def _domain_value(self, operator: str, value: Any) -> Any:
        return fields.Field._domain_value(self, operator, value)  # noqa: SLF001


class Move(metaclass=PoolMeta):
    """A move that may be a voucher of Jikimi's."""

    __name__ = "account.move"
    jikimi_key = Key("Jikimi Key", readonly=True, states=_HIDDEN)
    jikimi_witnesses = fields.Text("Jikimi Witnesses", readonly=True, states=_HIDDEN)

    @classmethod
    def __register__(cls, module: str) -> None:
        """Add the columns, take over what stood in descriptions, and have the database guard the keys."""
        super().__register__(module)
        cursor = Transaction().connection.cursor()
        cls._take_over_keys(cursor)
        for index in _INDEXES:
            cursor.execute(index)

    @classmethod
    def _take_over_keys(cls, cursor: Any) -> None:
        """Move each key from the description into its field; the same however often it is done.

        A second posted move with a key could not stand beside the first: it keeps the key in its description.
        """
        move, line = cls.__table__(), Pool().get("account.move.line").__table__()
        cursor.execute(*move.select(move.jikimi_key, where=(move.jikimi_key != Null) & (move.state == "posted")))
        posted = {key for (key,) in cursor.fetchall()}
        text = line.select(
            line.description,
            where=(line.move == move.id) & (line.description != ""),
            order_by=line.id,
            limit=1,
        )
        in_description = move.description.like(f"{_OURS[0]}%") | move.description.like(f"{_OURS[1]}%")
        where = (move.jikimi_key == Null) & in_description
        cursor.execute(*move.select(move.id, move.state, move.description, text, where=where, order_by=move.id))
        for id_, state, description, first_text in cursor.fetchall():
            key, _, witnesses = description.partition(" ")
            if not key.startswith(_OURS):
                continue  # some databases take JK1- for the same
            if state == "posted" and key in posted:
                _logger.warning("move %s: %s is posted a second time and stays in the description", id_, key)
                continue
            if state == "posted":
                posted.add(key)
            columns = [move.jikimi_key, move.jikimi_witnesses, move.description]
            cursor.execute(*move.update(columns, [key, witnesses or None, first_text], where=move.id == id_))

    @classmethod
    def copy(cls, moves: Any, default: Any = None) -> Any:
        """Leave key and witnesses with the original: a copy is no voucher of Jikimi's."""
        default = dict(default or {})
        default.setdefault("jikimi_key", None)
        default.setdefault("jikimi_witnesses", None)
        return super().copy(moves, default=default)

    @dualmethod
    @ModelView.button
    def post(cls, moves: Any) -> None:  # noqa: N805 - Tryton gives a dualmethod the class
        """Post *moves* unless a key of theirs would then be posted twice."""
        keys = Counter(move.jikimi_key for move in moves if move.jikimi_key)
        others = [("jikimi_key", "in", list(keys)), ("state", "=", "posted"), ("id", "not in", [m.id for m in moves])]
        keys.update(move.jikimi_key for move in (cls.search(others) if keys else ()))
        if twice := next((key for key, times in keys.items() if times > 1), None):
            raise UserError(f"{twice} is posted already")
        try:
            super().post(moves)
        except backend.DatabaseIntegrityError as broken:
            # Another request has posted it since; what else may break here, Tryton has said in its own words.
            if "jikimi_key" in str(broken):
                raise UserError(f"one of these is posted already: {', '.join(keys)}") from broken
            raise
