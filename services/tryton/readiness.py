"""One route of our own that says whether the books can be read: `GET /jikimi/ready`, 200 or 503.

Tryton's own version call answers while its database is away. This one reads a
table of every database, and needs no key, for it tells nothing.
"""

from typing import Any


def add_route(databases: list[str]) -> None:
    """Add the route to Tryton's application; its configuration must have been read."""
    from trytond.wsgi import app  # noqa: PLC0415
    from werkzeug.wrappers import Response  # noqa: PLC0415

    def ready(_request: Any) -> Any:
        try:
            for database in databases:
                read(database)
        except Exception as trouble:  # noqa: BLE001 - whatever it is, the books cannot be read
            return Response(f"not ready: {type(trouble).__name__}\n", status=503)
        return Response("ready\n")

    app.route("/jikimi/ready", methods={"GET"})(ready)


def read(database: str) -> None:
    """Read one row of the books; raise what the database says."""
    from sql import Table  # noqa: PLC0415
    from trytond.transaction import Transaction  # noqa: PLC0415

    period = Table("account_period")
    with Transaction().start(database, 0, readonly=True) as transaction, transaction.connection.cursor() as cursor:
        cursor.execute(*period.select(period.id, limit=1))
        cursor.fetchone()
