"""The backup unit of a real stack: the clock's job saves once a night, proves it, and the status tells of it."""

from tests.conftest import Until
from tests.live.stack import LiveStack


def test_the_clock_s_job_makes_a_proved_backup_and_a_second_one_the_same_night_is_not_due(
    stack: LiveStack, until: Until
) -> None:
    stack.drop_lines(20)
    stack.wait_for_file("card.csv")
    checks = {check["name"]: check["state"] for check in stack.document("status")["checks"]}
    assert (checks["backup"], checks["recovery-sheet"]) == ("warn", "warn")

    stack.document("schedule", "run", "backup")
    until(lambda: stack.document("backup", "list")["backups"], 120.0)

    (backup,) = stack.document("backup", "list")["backups"]
    print(f"\nbackup of a small stack: {backup['seconds']}")  # noqa: T201 - figures for the log
    assert (backup["outcome"], backup["verified"], backup["drilled"]) == ("good", True, True)
    until(lambda: stack.document("status")["backup"]["verified"], 40.0)
    status = stack.document("status")
    assert {check["name"]: check["state"] for check in status["checks"]}["backup"] == "ok"
    assert status["verdict"] == "ok"

    def outcome() -> str:
        return str(next(one for one in stack.document("schedule")["schedules"] if one["name"] == "backup")["outcome"])

    until(lambda: outcome() == "good", 20.0)
    stack.document("schedule", "run", "backup")
    until(lambda: outcome() == "not due", 30.0)
    assert len(stack.document("backup", "list")["backups"]) == 1
