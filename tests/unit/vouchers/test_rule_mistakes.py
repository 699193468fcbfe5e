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


WRITE_ACCOUNT = (
    '계정은 따옴표로 묶은 숫자 1~12자리로 쓰세요. 예: "811" (적힌 값: {})',
    'write an account as 1 to 12 digits in quotes, such as "811" (got {})',
)
WRITE_ONE = (
    '규칙마다 `account = "811"`과 `split = {{ 811 = 60, 812 = 40 }}` 가운데 하나만 쓰세요 (적힌 것: {})',
    'write either `account = "811"` or `split = {{ 811 = 60, 812 = 40 }}` in each rule (got {})',
)
WRITE_NONE = (
    (
        'no_vat_accounts에 있는 계정 813에는 `vat = "none"`만 쓸 수 있습니다. 공제하려면 그 목록에서 빼세요 '
        "(적힌 값: 'file')"
    ),
    (
        'account 813 is in no_vat_accounts, so only `vat = "none"` may stand here; take it out there to deduct '
        "(got 'file')"
    ),
)
BAD_PATTERN = (
    "쓸 수 없는 정규식입니다: '(a'의 1번째 글자. 괄호는 짝을 맞추고, 글자 그대로 찾을 기호 앞에는 \\를 쓰세요",
    (
        "not a valid pattern: missing ), unterminated subpattern at position 0; "
        "close every bracket, and write \\ before a sign that is meant as it is (got '(a')"
    ),
)
KEYS = "counter, vat_account, no_vat_accounts, rule"


@pytest.mark.parametrize(
    ("text", "place", "korean", "english"),
    [
        (f'{RULE}merchant = "(a"\n', "4: rule.0.merchant", *BAD_PATTERN),
        (f"{HEAD}[[rule]]\naccount = 811\n", "3: rule.0.account", *(say.format(811) for say in WRITE_ACCOUNT)),
        ('counter = "급여"\n', "1: counter", *(say.format("'급여'") for say in WRITE_ACCOUNT)),
        (
            f"{HEAD}[[rule]]\nsplit = {{ meal = 100 }}\n",
            "3: rule.0.split.meal",
            *(say.format("'meal'") for say in WRITE_ACCOUNT),
        ),
        (f"{HEAD}[[rule]]\nvat = 'none'\n", "2: rule.0", WRITE_ONE[0].format("없음"), WRITE_ONE[1].format("neither")),
        (f"{RULE}split = {{ 811 = 100 }}\n", "2: rule.0", WRITE_ONE[0].format("둘 다"), WRITE_ONE[1].format("both")),
        (
            f"{HEAD}[[rule]]\nsplit = {{ 811 = 60, 812 = 30 }}\n",
            "3: rule.0.split",
            "나눈 몫의 합은 100이어야 합니다 (적힌 합: 90)",
            "the shares must make up 100 together (got 90)",
        ),
        (
            f"{HEAD}[[rule]]\nsplit = {{ 811 = 110, 812 = -10 }}\n",
            "3: rule.0.split",
            "몫은 0보다 커야 합니다 (계정 812에 적힌 값: -10)",
            "each share must be above 0 (got -10 for account 812)",
        ),
        (
            f"{HEAD}[[rule]]\nsplit = {{ 811 = 'half', 812 = 50 }}\n",
            "3: rule.0.split.811",
            "수여야 합니다. 예: 50000 (적힌 값: 'half')",
            "Input should be a valid decimal (got 'half')",
        ),
        (
            f"{RULE}at_least = 20\nat_most = 10\n",
            "4: rule.0.at_least",
            "at_least는 at_most보다 클 수 없습니다 (적힌 값: 20, 10)",
            "at_least must not be above at_most (got 20 and 10)",
        ),
        (
            f'{RULE}at_least = "만원"\n',
            "4: rule.0.at_least",
            "수여야 합니다. 예: 50000 (적힌 값: '만원')",
            "Input should be a valid decimal (got '만원')",
        ),
        (
            f'{RULE}vat = "some"\n',
            "4: rule.0.vat",
            "'none', 'file' 또는 'eleventh' 가운데 하나여야 합니다 (적힌 값: 'some')",
            "must be 'none', 'file' or 'eleventh' (got 'some')",
        ),
        (
            f'{RULE}direction = "both"\n',
            "4: rule.0.direction",
            "'in' 또는 'out' 가운데 하나여야 합니다 (적힌 값: 'both')",
            "must be 'in' or 'out' (got 'both')",
        ),
        (
            f'{RULE}merchnt = "a"\n',
            "4: rule.0.merchnt",
            "없는 설정입니다. 'merchant'을(를) 쓰려고 했나요?",
            "no such setting; did you mean 'merchant'?",
        ),
        (
            f'{HEAD}zzz = "a"\n',
            "2: zzz",
            f"없는 설정입니다. 쓸 수 있는 것: {KEYS}",
            f"no such setting; what may stand here: {KEYS}",
        ),
        (f'{HEAD}no_vat_accounts = ["813"]\n[[rule]]\naccount = "813"\nvat = "file"\n', "5: rule.0.vat", *WRITE_NONE),
        (
            f"{HEAD}no_vat_accounts = 813\n",
            "2: no_vat_accounts",
            "대괄호로 묶은 목록이어야 합니다 (적힌 값: 813)",
            "Input should be a valid tuple (got 813)",
        ),
        (
            f"{HEAD}[[rule]]\nmemo = 8 a\n",
            "3",
            "TOML 형식이 아닙니다: 한 줄에 하나만 쓸 수 있습니다. 설명은 # 뒤에 쓰세요 (적힌 줄: memo = 8 a)",
            "not valid TOML: Expected newline or end of document after a statement (the line: memo = 8 a)",
        ),
        (
            f"{HEAD}[[rule]]\naccount = 급여\n",
            "3",
            "TOML 형식이 아닙니다: = 뒤의 값을 읽을 수 없습니다. 글자는 따옴표로 묶으세요 (적힌 줄: account = 급여)",
            "not valid TOML: Invalid value (the line: account = 급여)",
        ),
        (
            f'{RULE}account = "812"\n',
            "4",
            'TOML 형식이 아닙니다: 같은 이름이 두 번 있습니다. 하나만 남기세요 (적힌 줄: account = "812")',
            'not valid TOML: Cannot overwrite a value (the line: account = "812")',
        ),
    ],
)
def test_a_mistake_is_told_with_its_line_in_both_languages(text: str, place: str, korean: str, english: str) -> None:
    assert told(text) == ([f"card.toml:{place}: {korean}"], [f"card.toml:{place}: {english}"])


def test_a_key_that_is_missing_is_told_with_an_example() -> None:
    assert told('vat_account = "135"\n') == (
        ['card.toml: counter: 빠져 있습니다. 예: counter = "253"'],
        ['card.toml: counter: missing; write it, such as counter = "253"'],
    )


def test_every_contradiction_is_told_at_once() -> None:
    rule = "[[rule]]\nsplit = { 811 = 1 }\nat_least = 2\nat_most = 1\n"

    korean, english = told(f"{HEAD}{rule}{rule}")

    assert len(korean) == len(english) == 4
