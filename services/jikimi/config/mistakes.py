"""What is said of a mistake in a file that a person wrote: what was found, and what may stand there."""

from collections.abc import Mapping
from typing import Any

from jikimi.text import Lang, Text

NOT_UTF8 = Text(
    "UTF-8 파일이 아닙니다. 인코딩을 UTF-8로 하여 다시 저장하세요",
    "not UTF-8; save it again with the encoding UTF-8",
)
UNKNOWN = Text("없는 설정입니다. 지우세요", "no such setting; remove it")
UNKNOWN_OF = Text("없는 설정입니다. 쓸 수 있는 것: {known}", "no such setting; what may stand here: {known}")
MEANT = Text("없는 설정입니다. {close!r}을(를) 쓰려고 했나요?", "no such setting; did you mean {close!r}?")
MISSING = Text("빠져 있습니다", "missing")
MISSING_SUCH = Text("빠져 있습니다. 예: {key} = {example}", "missing; write it, such as {key} = {example}")
ONE_OF = Text("{expected} 가운데 하나여야 합니다 (적힌 값: {got!r})", "must be {expected} (got {got!r})")
_BAD_VALUE = Text("{what} (적힌 값: {got!r})", "{what} (got {got!r})")

# of pydantic: the English is its own
_KOREAN: Mapping[str, str] = {
    "string_type": "따옴표로 묶은 글자여야 합니다",
    "string_pattern_mismatch": "허용되지 않는 글자가 있습니다: {pattern} 모양이어야 합니다",
    "bool_type": "true 또는 false여야 합니다",
    "bool_parsing": "true 또는 false여야 합니다",
    "int_type": "정수여야 합니다",
    "int_parsing": "정수여야 합니다",
    "int_from_float": "정수여야 합니다",
    "float_type": "수여야 합니다",
    "float_parsing": "수여야 합니다",
    "decimal_type": "수여야 합니다. 예: 50000",
    "decimal_parsing": "수여야 합니다. 예: 50000",
    "finite_number": "유한한 수여야 합니다. 예: 50000",
    "greater_than": "{gt}보다 커야 합니다",
    "greater_than_equal": "{ge} 이상이어야 합니다",
    "less_than": "{lt}보다 작아야 합니다",
    "less_than_equal": "{le} 이하여야 합니다",
    "tuple_type": "대괄호로 묶은 목록이어야 합니다",
    "list_type": "대괄호로 묶은 목록이어야 합니다",
    "set_type": "대괄호로 묶은 목록이어야 합니다",
    "frozen_set_type": "대괄호로 묶은 목록이어야 합니다",
    "mapping_type": "{{ 이름 = 값 }} 모양의 표여야 합니다",
    "dict_type": "{{ 이름 = 값 }} 모양의 표여야 합니다",
    "model_type": "값 하나가 아니라 표여야 합니다",
}

_NO_TOML = Text("TOML 형식이 아닙니다: {what}", "not valid TOML: {what}")
_NO_TOML_ON = Text("TOML 형식이 아닙니다: {what} (적힌 줄: {line})", "not valid TOML: {what} (the line: {line})")
_TOML_KOREAN: Mapping[str, str] = {
    "Expected '=' after a key": "이름 뒤에 =가 있어야 합니다",
    "Cannot overwrite a value": "같은 이름이 두 번 있습니다. 하나만 남기세요",
    "Cannot declare": "같은 표가 두 번 있습니다. 하나만 남기세요",
    "Cannot mutate": "같은 표가 두 번 있습니다. 하나만 남기세요",
    "Duplicate inline table key": "같은 이름이 두 번 있습니다. 하나만 남기세요",
    "Invalid value": "= 뒤의 값을 읽을 수 없습니다. 글자는 따옴표로 묶으세요",
    "Unterminated string": "따옴표가 닫히지 않았습니다",
    'Expected "\'"': "따옴표가 닫히지 않았습니다",
    "Expected \"'''\"": "따옴표가 닫히지 않았습니다",
    'Expected \'"""\'': "따옴표가 닫히지 않았습니다",
    "Illegal character": "따옴표가 닫히지 않았거나 쓸 수 없는 글자가 있습니다",
    "Found invalid character": "따옴표가 닫히지 않았거나 쓸 수 없는 글자가 있습니다",
    "Unescaped '\\'": "\\가 든 글은 작은따옴표로 묶으세요",
    "Invalid hex value": "\\가 든 글은 작은따옴표로 묶으세요",
    "Unclosed array": "대괄호 ]가 닫히지 않았습니다",
    "Unclosed inline table": "중괄호 }가 닫히지 않았습니다",
    "Expected ']": "대괄호 ]가 닫히지 않았습니다",
    "Expected newline": "한 줄에 하나만 쓸 수 있습니다. 설명은 # 뒤에 쓰세요",
    "Invalid statement": "이름 = 값 또는 [[rule]]과 같은 줄이어야 합니다",
    "Invalid initial character": "이름은 영문자, 숫자, _, -로 쓰거나 따옴표로 묶으세요",
}


class Mistake(ValueError):
    """A value that a person wrote is not allowed: what was found and what is, in both languages."""

    def __init__(self, text: Text, **facts: object) -> None:
        self.text = text.filled(**facts)
        super().__init__(self.text.say(Lang.EN))


def of_type(kind: str, english: str, got: object, context: Mapping[str, Any]) -> Text | None:
    """Return what is said of a value that pydantic refuses with an error of *kind*; None if no Korean is known."""
    if kind not in _KOREAN:
        return None
    return _BAD_VALUE.filled(what=Text.verbatim(_KOREAN[kind].format(**context), english), got=got)


def of_toml(english: str, line: str) -> Text:
    """Return what is said of text that is no TOML; *line* is the one that it breaks on, "" if that is unknown."""
    korean = next((text for start, text in _TOML_KOREAN.items() if english.startswith(start)), english)
    return (_NO_TOML_ON if line else _NO_TOML).filled(what=Text.verbatim(korean, english), line=line)
