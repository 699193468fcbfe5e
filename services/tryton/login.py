"""Give a person a fresh password for the ERP that dies by itself.

It is Tryton's own reset password: it opens the door until it expires, until
the person chooses a password of their own, or until this script is run again,
and it may be used more than once until then. A password that the person chose
before stays valid. It is printed once and stands nowhere else in clear but in
the database.
"""

import argparse
import datetime as dt
import secrets
import sys

import opening

# No look-alikes (0 O 1 l I): the password is read from a screen and typed.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUPS, _GROUP = 4, 4


def new_password() -> str:
    """A random password that is easy to read aloud: 79 bits in four groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))


def give_password(database: str, login: str) -> tuple[str, str] | None:
    """Set a fresh password for *login*; answer it and when it expires, or nothing for an unknown person."""
    from sql import Literal, Table  # noqa: PLC0415
    from trytond import config  # noqa: PLC0415

    user, attempt = Table("res_user"), Table("res_user_login_attempt")
    password = new_password()
    lasts = dt.timedelta(seconds=config.getint("password", "reset_timeout"))
    # The server compares with its own clock, which has no zone.
    expires = dt.datetime.now() + lasts  # noqa: DTZ005, TID251
    with opening.start(database) as transaction, transaction.connection.cursor() as cursor:
        is_the_person = (user.login == login) & (user.active == Literal(True))  # noqa: FBT003
        cursor.execute(*user.select(user.id, where=is_the_person))
        if cursor.fetchone() is None:
            return None
        columns = [user.password_reset, user.password_reset_expire]
        cursor.execute(*user.update(columns, [password, expires], where=is_the_person))
        # Whoever was locked out by wrong guesses may come in at once.
        cursor.execute(*attempt.delete(where=attempt.login == login))
    return password, expires.astimezone().isoformat(timespec="seconds")


def main() -> int:
    """Give the password and print it, once, as one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=opening.a_file, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--user", required=True, help="the login, such as bookkeeper")
    args = parser.parse_args()
    opening.open_config(args.config)
    given = give_password(args.database, args.user)
    if given is None:
        sys.stderr.write(f"no such user in {args.database}: {args.user}\n")
        return 1
    password, expires = given
    opening.say({"user": args.user, "database": args.database, "password": password, "expires": expires})
    return 0


if __name__ == "__main__":
    sys.exit(main())
