"""Serve the ERP over HTTP until told to stop.

The databases are loaded before the first request is let in, so that the first
answer is a quick one. SIGTERM (on Windows CTRL_BREAK) lets the requests at
work finish for a few seconds, then the process ends with 0.
"""

import argparse
import signal
import sys
from types import FrameType

import opening
import posting
import readiness


def load(databases: list[str]) -> None:
    """Load Tryton's models for every database."""
    from trytond import backend  # noqa: PLC0415
    from trytond.pool import Pool  # noqa: PLC0415

    for database in databases:
        Pool(database).init()
        backend.Database(database).close()


def leave(_signal: int, _frame: FrameType | None) -> None:
    """End the server's loop; it waits for the requests at work."""
    raise SystemExit(0)


def main() -> int:
    """Serve until a signal comes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=opening.a_file, required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--databases", required=True, help="names, separated by commas")
    args = parser.parse_args()
    for name in ("SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), leave)
    opening.open_config(args.config)

    import waitress  # noqa: PLC0415
    from trytond.application import app  # noqa: PLC0415

    # Taken before the databases are loaded, so that a port in use is told at once.
    server = waitress.create_server(app, host=args.host, port=args.port, threads=4, ident="Tryton")
    databases = args.databases.split(",")
    load(databases)
    posting.add_route()
    readiness.add_route(databases)
    opening.say({"step": "serving", "host": args.host, "port": args.port})
    server.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
