"""`[schedule]` and the tables in it: what may stand there, and what is said of what may not."""

from pathlib import Path

import pytest

from jikimi.config import load
from jikimi.config.load import flatten
from tests.unit.test_config_load import problems

OWN = '[schedule.fresh]\nunit = "erp"\n'


def told(home: Path, text: str) -> list[str]:
    return problems(home, text.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[schedule]\nbusines_hours = "1"\n', "2: schedule.busines_hours: no such setting; did you mean 'business_h"),
        ('[schedule]\nbusiness_hours = "18:00-06:00"\n', "2: schedule.business_hours: write two times of one day"),
        ('[schedule]\nbusiness_hours = "06:00-06:00"\n', "2: schedule.business_hours: write two times of one day"),
        ('[schedule]\nbusiness_hours = "06:00-24:30"\n', "2: schedule.business_hours: write two times of one day"),
        ("[schedule]\nbusiness_days = []\n", "2: schedule.business_days: write one or more of mon"),
        ('[schedule]\nbusiness_days = ["mo"]\n', "2: schedule.business_days: write one or more of mon"),
        ('[schedule]\nholidays = "XX"\n', "2: schedule.holidays: no such country"),
        ('[schedule]\nholidays = "DE-XX"\n', "2: schedule.holidays: no such country"),
        ('[schedule]\ncycle = "59s"\n', '2: schedule.cycle: write a span between "1m" and "1d"'),
        ('[schedule]\nidle = "25h"\n', '2: schedule.idle: write a span between "1m" and "1d"'),
        ('[schedule]\nrestart = "5:55"\n', "2: schedule.restart: write a time of day"),
        (f'{OWN}at = "07:30"\ndayz = "daily"\n', "4: schedule.fresh.dayz: no such setting; did you mean 'days'?"),
        (f'{OWN}at = "07:30"\ndays = ["mo"]\n', '4: schedule.fresh.days: write "daily", "business", or a list'),
        (f'{OWN}at = "07:30"\ndays = []\n', '4: schedule.fresh.days: write "daily", "business", or a list'),
        (f'{OWN}at = "7:30"\n', "3: schedule.fresh.at: write a time of day"),
        (f'{OWN}every = "0s"\n', '3: schedule.fresh.every: write a span between "1m" and "1d"'),
        (f'{OWN}at = "07:30"\nhours = "business"\n', "1: schedule.fresh: hours goes with every"),
        (f'{OWN}at = "07:30"\nevery = "1h"\n', "1: schedule.fresh: give at or every, one of them (got at and every)"),
        (OWN, "1: schedule.fresh: give at or every, one of them (got none)"),
        (f'{OWN}flow = "x"\nat = "07:30"\n', "1: schedule.fresh: give flow or unit, one of them"),
        ('[schedule.fresh]\nunit = "erpp"\nat = "07:30"\n', "2: schedule.fresh.unit: no such unit; there are redis"),
        ('[schedule.Fresh]\nunit = "erp"\nat = "07:30"\n', "1: schedule.Fresh: write a name in small letters"),
        ('[schedule.cycle]\nunit = "erp"\nat = "07:30"\n', "1: schedule.cycle: write a number and a unit"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(tmp_path: Path, text: str, said: str) -> None:
    (problem,) = told(tmp_path, text)

    assert problem.startswith(f"jikimi.toml:{said}")


def test_every_wrong_schedule_is_told_at_once(tmp_path: Path) -> None:
    text = "".join(f'[schedule.{name}]\nunit = "nobody"\nat = "07:30"\n' for name in ("one", "Two"))

    assert [line.split(": ")[1] for line in told(tmp_path, text)] == [
        "schedule.Two",
        "schedule.one.unit",
        "schedule.Two.unit",
    ]


def test_a_unit_of_a_person_may_be_restarted(tmp_path: Path) -> None:
    text = '[units.shop]\ncommand = ["shop"]\nprobe = true\n[schedule.fresh]\nunit = "shop"\nevery = "6h"\n'
    (tmp_path / "jikimi.toml").write_text(text, encoding="utf-8")

    assert load(tmp_path, {}).settings.schedule.own["fresh"].unit == "shop"


def test_a_day_may_end_at_midnight_and_a_span_be_off(tmp_path: Path) -> None:
    text = '[schedule]\nbusiness_hours = "00:00-24:00"\ncycle = "0s"\nidle = "1d"\nholidays = "DE-BY"\n'
    (tmp_path / "jikimi.toml").write_text(text, encoding="utf-8")

    table = load(tmp_path, {}).settings.schedule
    assert (table.business_hours, table.cycle.days, table.idle.days) == ("00:00-24:00", 0, 1)


def test_a_person_s_own_schedule_is_shown_as_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "jikimi.toml").write_text(f'{OWN}at = "07:30"\ndays = ["fri"]\n', encoding="utf-8")

    shown = flatten(load(tmp_path, {}).settings)

    assert (shown["schedule.fresh.days"], shown["schedule.fresh.at"]) == (["fri"], "07:30")
