"""Which container is which unit, and which of them may be restarted, is said in one place and agrees with compose."""

from pathlib import Path

import pytest
import yaml

from jikimi.compose.names import HEALED, container_of, door_list
from jikimi.config.unit_values import OUR_UNITS

ROOT = Path(__file__).parents[3]
SERVICES = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]


@pytest.mark.parametrize(
    ("project", "service", "name"),
    [("jikimi", "erp-worker", "jikimi-erp-worker-1"), ("second_2", "redis", "second_2-redis-1")],
)
def test_a_container_is_named_as_compose_names_it(project: str, service: str, name: str) -> None:
    assert container_of(project, service) == name


def test_the_door_opens_for_every_healed_service_of_the_project_and_for_nothing_else() -> None:
    names = door_list("shop", {}).splitlines()

    assert names == [f"shop-{service}-1" for service in HEALED]
    assert not {"shop-docker-proxy-1", "shop-supervisor-1", "shop-init-1"} & set(names)


def test_what_the_operator_has_entered_stands_on_the_list_by_its_container() -> None:
    names = door_list("shop", {"web": "web-nginx-1", "bot": "night_bot"}).splitlines()

    assert names[len(HEALED) :] == ["web-nginx-1", "night_bot"]


def test_each_name_has_a_line_of_its_own_with_an_end() -> None:
    text = door_list("shop", {"web": "web-nginx-1"})

    assert text.endswith("\n")
    assert "" not in text.splitlines()
    assert len(set(text.splitlines())) == len(text.splitlines()) == len(HEALED) + 1


def test_every_healed_service_is_one_that_compose_starts_and_keeps() -> None:
    assert set(HEALED) <= set(SERVICES)
    assert {SERVICES[service]["restart"] for service in HEALED} == {"always"}


def test_no_unit_of_an_operator_can_have_the_name_of_a_healed_one() -> None:
    assert set(HEALED) < set(OUR_UNITS)
