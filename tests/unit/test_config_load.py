"""Whatever a person saved, the answer names the place."""

from pathlib import Path

import pytest

from jikimi.config import load
from jikimi.config.explain import BadFile


def problems(home: Path, data: bytes, **environ: str) -> list[str]:
    (home / "jikimi.toml").write_bytes(data)
    with pytest.raises(BadFile) as caught:
        load(home, environ)
    return [str(problem) for problem in caught.value.problems]


def test_a_file_that_is_not_utf8_is_told_with_its_line(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, 'timezone = "UTC"\n# 회사\n'.encode("cp949"))

    assert problem.startswith("jikimi.toml:2: not UTF-8")


def test_a_value_where_a_table_belongs_is_told_even_if_the_environment_sets_it(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, b'erp = "http://here"', JIKIMI_ERP_URL="http://there")

    assert problem.startswith("jikimi.toml:1: erp: ")


def test_several_problems_are_told_at_once(tmp_path: Path) -> None:
    found = problems(tmp_path, b'timezon = "UTC"\n[posting]\nbatch = 0\n')

    assert {problem.partition(": ")[0] for problem in found} == {"jikimi.toml:1", "jikimi.toml:3"}
    assert any("did you mean 'timezone'" in problem for problem in found)


def test_an_unknown_variable_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, b"", JIKIMI_LANGG="ko")

    assert "did you mean 'JIKIMI_LANG'?" in problem


def test_each_value_remembers_where_it_came_from(tmp_path: Path) -> None:
    (tmp_path / "jikimi.toml").write_bytes(b'\xef\xbb\xbftimezone = "UTC"\nlanguage = "en"\n')

    config = load(tmp_path, {"JIKIMI_LANG": "ko"})

    assert config.origins == {"timezone": "jikimi.toml:1", "language": "env JIKIMI_LANG"}
    assert (config.settings.timezone, config.lang) == ("UTC", "ko")
