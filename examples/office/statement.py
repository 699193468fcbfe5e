"""The card statement that can be downloaded: every day the same rows."""

import csv
import io

HEADER = ("승인일자", "승인시간", "카드번호", "승인번호", "가맹점명", "사업자번호", "승인금액", "취소여부")
_CARD = "9999-12**-****-7788"
ROWS = (
    ("2026-11-16", "08:52:10", _CARD, "40210001", "스타벅스 강남대로점", "900-81-00015", "9,000", ""),
    ("2026-11-16", "12:31:45", _CARD, "40210002", "김밥천국 역삼점", "900-81-00029", "24,000", ""),
    ("2026-11-17", "19:04:22", _CARD, "00977313", "카카오T택시", "900-81-00053", "15,800", ""),
    ("2026-11-18", "10:15:03", _CARD, "40230544", "알파문구 선릉점", "900-81-00086", "31,900", ""),
    ("2026-11-19", "11:40:37", _CARD, "40230544", "알파문구 선릉점", "900-81-00086", "31,900", "취소"),
    ("2026-11-20", "18:20:59", _CARD, "40251870", "GS칼텍스 한빛주유소", "900-81-00048", "60,000", ""),
)


def statement_file() -> bytes:
    """Return the statement as CSV in UTF-8 with a BOM, as spreadsheets want it."""
    out = io.StringIO()
    csv.writer(out).writerows([HEADER, *ROWS])
    return out.getvalue().encode("utf-8-sig")
