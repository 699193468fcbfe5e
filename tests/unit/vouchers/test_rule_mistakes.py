"""Every mistake in a rules file is told in the reader's language: its line, what stands there, and what may."""

import pytest

from jikimi.config.explain import BadFile
from jikimi.text import Lang
from jikimi.vouchers.rules import parse_rules

HEAD = 'counter = "253"\n'
RULE = f'{HEAD}[[rule]]\naccount = "811"\n'


def told(text: str) -> tuple[list[str], list[str]]:
    with pytest.raises(BadFile) as caught:
        parse_rules(text, "card.toml")
    korean, english = ([problem.say(lang) for problem in caught.value.problems] for lang in (Lang.KO, Lang.EN))
    assert "\n".join(korean) in caught.value.explain(Lang.KO)
    assert "\n".join(english) in caught.value.explain(Lang.EN)
    return korean, english


@pytest.mark.parametrize(
    ("text", "korean", "english"),
    [
        (
            f'{RULE}merchant = "(a"\n',
            (
                "card.toml:4: rule.0.merchant: 쓸 수 없는 정규식입니다: '(a'의 1번째 글자. "
                "괄호는 짝을 맞추고, 글자 그대로 찾을 기호 앞에는 \\를 쓰세요"
            ),
            (
                "card.toml:4: rule.0.merchant: not a valid pattern: missing ), unterminated subpattern at position 0; "
                "close every bracket, and write \\ before a sign that is meant as it is (got '(a')"
            ),
        ),
        (
            f"{HEAD}[[rule]]\nmemo = 8 a\n",
            (
                "card.toml:3: TOML 형식이 아닙니다: "
                "한 줄에 하나만 쓸 수 있습니다. 설명은 # 뒤에 쓰세요 (적힌 줄: memo = 8 a)"
            ),
            (
                "card.toml:3: not valid TOML: "
                "Expected newline or end of document after a statement (the line: memo = 8 a)"
            ),
        ),
        (
            f"{HEAD}[[rule]]\naccount = 급여\n",
            (
                "card.toml:3: TOML 형식이 아닙니다: "
                "= 뒤의 값을 읽을 수 없습니다. 글자는 따옴표로 묶으세요 (적힌 줄: account = 급여)"
            ),
            "card.toml:3: not valid TOML: Invalid value (the line: account = 급여)",
        ),
        (
            f'{RULE}account = "812"\n',
            'card.toml:4: TOML 형식이 아닙니다: 같은 이름이 두 번 있습니다. 하나만 남기세요 (적힌 줄: account = "812")',
            'card.toml:4: not valid TOML: Cannot overwrite a value (the line: account = "812")',
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_in_both_languages(text: str, korean: str, english: str) -> None:
    assert told(text) == ([korean], [english])


def test_every_contradiction_is_told_at_once() -> None:
    rule = "[[rule]]\nsplit = { 811 = 1 }\nat_least = 2\nat_most = 1\n"

    korean, english = told(f"{HEAD}{rule}{rule}")

    assert len(korean) == len(english) == 4
