"""Why a voucher that was handed out does not stand yet; every reason can say these."""

from collections.abc import Mapping

from jikimi.tables.reasons import add_sentences
from jikimi.text import Text

SENTENCES: Mapping[str, Text] = {
    "handed_out": Text(
        "흐름 {flow}에 넘겼습니다. 아직 답이 없습니다", "it is handed out to the flow {flow}, and not back yet"
    ),
    "handed_out_in_doubt": Text(
        "흐름 {flow}이(가) 넣었는지 알 수 없습니다: {why}. 그 프로그램에서 {key}을(를) 찾아본 뒤 알려 주세요:"
        " jikimi items resolve",
        "nobody knows whether the flow {flow} has entered it: {why}; look for {key} in that program, then say so:"
        " jikimi items resolve",
    ),
    "handed_out_failed": Text(
        "흐름 {flow}이(가) 여러 번 시도했으나 넣지 못했습니다: {why}. 다시 시키기: jikimi items retry {key}",
        "the flow {flow} has tried as often as it may, in vain: {why}; to try it again: jikimi items retry {key}",
    ),
}
add_sentences(SENTENCES)
