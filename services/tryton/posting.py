"""One route of our own beside Tryton's REST: post several drafts in one transaction.

Tryton's REST posts one move a request, and most of what that costs is the
request and its transaction. This route asks for the same application key, has
the same rights and runs the same `post` of `account.move`:

    POST /<database>/jikimi/post  {"moves": [4, 7]}
    -> [{"id": 4, "number": "2026-000004", "state": "posted"}, ...]

All are posted or none is. What Tryton will not do is answered as its REST
answers it: 400 with a JSON body that holds Tryton's own words.
"""

from typing import Any


def add_route() -> None:
    """Add the route to Tryton's application; its configuration must have been read."""
    from trytond.protocols.rest import rest  # noqa: PLC0415
    from trytond.protocols.wrappers import with_pool, with_transaction  # noqa: PLC0415
    from trytond.wsgi import app  # noqa: PLC0415

    app.route("/<database_name>/jikimi/post", methods={"POST"})(with_pool(with_transaction()(rest(post))))


def post(request: Any, pool: Any) -> list[dict[str, Any]]:
    """Post the moves that the request names and answer them in that order, as they stand then."""
    from trytond.exceptions import UserError  # noqa: PLC0415

    move = pool.get("account.move")
    asked = wanted(request.parsed_data)
    found = {one.id for one in move.search([("id", "in", asked)])}
    if gone := [one for one in asked if one not in found]:
        raise UserError(f"there is no move {gone[0]}")
    # Browsed in the order that was asked for: numbers are given in it.
    moves = move.browse(asked)
    move.post(moves)
    return [{"id": one.id, "number": one.number, "state": one.state} for one in moves]


def wanted(body: Any) -> list[int]:
    """The ids that a request names, each once."""
    from trytond.exceptions import UserError  # noqa: PLC0415

    ids = body.get("moves") if isinstance(body, dict) else None
    if not isinstance(ids, list) or not ids or any(type(one) is not int for one in ids):
        raise UserError('the body must be {"moves": [ids]}')
    return list(dict.fromkeys(ids))
