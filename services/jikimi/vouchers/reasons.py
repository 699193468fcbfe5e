"""Why a line or a file was not posted, as a sentence for the bookkeeper; `jikimi.vouchers` lets every reason say these.

The code is stable and is what logs, metrics and tests compare; the sentence is what people read.
"""

from collections.abc import Mapping

from jikimi.text import Text

SENTENCES: Mapping[str, Text] = {
    "no_header": Text(
        "거래일, 금액 같은 항목 이름이 있는 제목 행을 찾지 못했습니다",
        "no header row with column names such as date and amount was found",
    ),
    "column_missing": Text(
        "꼭 있어야 할 열이 없습니다: {columns} (파일에 있는 열: {headers})",
        "a column is missing: {columns} (columns in the file: {headers})",
    ),
    "column_ambiguous": Text(
        "{field}에 해당하는 열이 둘 이상입니다: {columns}. 하나만 남겨 주세요",
        "more than one column could be {field}: {columns}; leave only one",
    ),
    "several_sheets": Text(
        "거래내역이 여러 시트에 있습니다: {sheets}. 시트마다 파일을 나누어 넣어 주세요",
        "several sheets hold a statement: {sheets}; save each as a file of its own",
    ),
    "no_rows": Text(
        "제목 행 아래에 거래가 없습니다(열: {headers})",
        "there is no transaction below the header (columns: {headers})",
    ),
    "balance_broken": Text(
        "{row}행에서 잔액이 맞지 않습니다: 앞 잔액과 금액으로는 {expected}인데 {stated}로 적혀 있습니다. "
        "은행에서 다시 내려받아 주세요",
        "the balances break at row {row}: by the amounts it is {expected}, the statement says {stated}; "
        "download it from the bank again",
    ),
    "total_broken": Text(
        "{row}행의 합계가 맞지 않습니다: ‘{column}’ 열을 더하면 {expected}인데 {stated}로 적혀 있습니다. "
        "은행이나 카드사에서 다시 내려받아 주세요",
        "the total in row {row} is wrong: '{column}' adds up to {expected}, the statement says {stated}; "
        "download it again",
    ),
    "statement_missing": Text(
        "{after}과(와) {before} 사이의 거래내역이 빠졌습니다: 잔액이 {closing}에서 {opening}(으)로 바뀌었습니다. "
        "그 기간의 파일을 넣어 주세요",
        "a statement is missing between {after} and {before}: the balance went from {closing} to {opening}; "
        "drop in the file of those days",
    ),
    "row_too_long": Text(
        "칸 수가 제목 행보다 많아 열이 밀렸습니다: ‘{value}’. 쉼표가 든 금액은 따옴표로 묶어 주세요",
        "the row has more cells than the header, so columns have shifted: '{value}'; quote amounts with commas",
    ),
    "row_hidden": Text(
        "숨겨진 행입니다. 숨기기나 필터를 풀고 확인한 뒤 다시 넣어 주세요",
        "the row is hidden; unhide it or clear the filter, look at it, and drop it in again",
    ),
    "column_hidden": Text(
        "숨겨진 열이 있습니다: {columns}. 숨기기를 풀고 확인한 뒤 다시 넣어 주세요",
        "columns are hidden: {columns}; unhide them, look at them, and drop the file in again",
    ),
    "sheet_hidden": Text(
        "거래내역이 숨겨진 시트에만 있습니다: {sheets}. 시트 숨기기를 풀고 다시 넣어 주세요",
        "only hidden sheets hold a statement: {sheets}; unhide them and drop the file in again",
    ),
    "formula_unvalued": Text(
        "{column}: 수식에 계산된 값이 없거나 오류입니다. 엑셀에서 열어 저장한 뒤 다시 넣어 주세요",
        "{column}: a formula has no value, or an error; open the file in Excel, save it and drop it in again",
    ),
    "date_empty": Text("{column}: 날짜가 비어 있습니다", "{column}: the date is empty"),
    "date_unreadable": Text("{column}: 날짜로 읽을 수 없습니다: ‘{value}’", "{column}: not a date: '{value}'"),
    "date_ambiguous": Text(
        "{column}: 연·월·일의 순서가 분명하지 않습니다: ‘{value}’. 연도를 네 자리로 적어 주세요",
        "{column}: the order of year, month and day is unclear: '{value}'; write the year with four digits",
    ),
    "date_impossible": Text(
        "{column}: 달력에 없는 날짜나 시각입니다: ‘{value}’", "{column}: there is no such date or time: '{value}'"
    ),
    "date_year": Text(
        "{column}: 연도가 {first}~{last}년을 벗어났습니다: ‘{value}’",
        "{column}: the year is outside {first} to {last}: '{value}'",
    ),
    "date_future": Text(
        "{column}: 오늘({today})보다 뒤의 날짜입니다: ‘{value}’",
        "{column}: the date is after today ({today}): '{value}'",
    ),
    "amount_empty": Text("{column}: 금액이 비어 있습니다", "{column}: the amount is empty"),
    "amount_unreadable": Text("{column}: 금액으로 읽을 수 없습니다: ‘{value}’", "{column}: not an amount: '{value}'"),
    "amount_decimals": Text(
        "{column}: 소수점 아래는 {digits}자리까지만 쓸 수 있습니다: ‘{value}’",
        "{column}: at most {digits} decimals are allowed: '{value}'",
    ),
    "amount_too_large": Text("{column}: 금액이 너무 큽니다: ‘{value}’", "{column}: the amount is too large: '{value}'"),
    "amount_zero": Text("{column}: 금액이 0입니다", "{column}: the amount is zero"),
    "amount_negative": Text(
        "{column}: 금액이 음수입니다: {value}. 입금인지 출금인지 확인해 주세요",
        "{column}: the amount is below zero: {value}; see whether money came in or went out",
    ),
    "amount_on_both_sides": Text(
        "입금과 출금에 모두 금액이 있습니다({column})", "there is money both in and out ({column})"
    ),
    "direction_unknown": Text(
        "{column}: 입금인지 출금인지 알 수 없습니다: ‘{value}’", "{column}: neither money in nor money out: '{value}'"
    ),
    "merchant_empty": Text("{column}: 가맹점 이름이 비어 있습니다", "{column}: the merchant's name is empty"),
    "marker_unknown": Text(
        "{column}: 승인인지 취소인지 알 수 없는 표시입니다: ‘{value}’",
        "{column}: this mark is not known to mean an approval or a cancellation: '{value}'",
    ),
    "number_lost": Text(
        "{column}: 엑셀이 번호의 일부를 잃었습니다: ‘{value}’. 원본의 번호를 텍스트로 넣어 주세요",
        "{column}: the spreadsheet has lost part of the number: '{value}'; enter the original one as text",
    ),
    "approval_unreadable": Text(
        "{column}: 승인번호로 읽을 수 없습니다: ‘{value}’", "{column}: not an approval number: '{value}'"
    ),
    "currency_foreign": Text(
        "{column}: 외화 거래는 처리하지 않습니다: ‘{value}’", "{column}: foreign currency is not handled: '{value}'"
    ),
    "foreign_only": Text(
        "외화 금액만 있고 원화 금액이 없습니다: {value}. 원화로 확정된 금액을 적어 주세요",
        "foreign amount only: {value}; enter the amount that was charged in the currency of the books",
    ),
    "currency_abroad": Text(
        "{column}: 해외 이용(‘{value}’)인데 금액의 통화가 적혀 있지 않습니다. 금액 열 이름에 (원)을 붙여 주세요",
        "{column}: used abroad ('{value}') and no currency is stated; put (KRW) into the name of the amount's column",
    ),
    "unit_other": Text(
        "금액의 단위가 원이 아닙니다: ‘{value}’. 원 단위로 다시 내려받아 주세요",
        "amounts are in another unit than the won: '{value}'; download the file in units of one won",
    ),
    "amount_qualified": Text(
        "{column}: 금액의 일부나 전부가 취소되었거나 달라졌을 수 있습니다: ‘{value}’. 실제 금액을 확인해 주세요",
        "{column}: part or all of the amount may be cancelled or changed: '{value}'; check the real amount",
    ),
    "part_unknown": Text(
        "부분취소인데 취소금액이 비어 있어 얼마가 취소되었는지 알 수 없습니다({column}: ‘{value}’)",
        "cancelled in part, but the file does not say how much ({column}: '{value}')",
    ),
    "header_spans": Text(
        "‘{column}’ 제목 아래에 금액 열이 여럿입니다: {columns}. 합계 열만 남겨 주세요",
        "the heading '{column}' spans several columns of amounts: {columns}; leave only the total",
    ),
    "currency_unknown": Text(
        "ERP가 꺼져 있어 장부의 통화를 모릅니다. ‘{value}’ 거래는 ERP가 켜지면 알 수 있습니다",
        "the ERP is off, so the currency of the books is not known; what becomes of '{value}' shows once it is on",
    ),
    "business_number_wrong": Text(
        "{column}: 사업자번호가 올바르지 않습니다: ‘{value}’ (숫자 10자리, 끝자리는 검증번호)",
        "{column}: not a valid business number: '{value}' (ten digits, the last is a check digit)",
    ),
    "parts_do_not_sum": Text(
        "공급가액 {supply} + 부가세 {vat}가 합계 {total}과 다릅니다",
        "supply {supply} + VAT {vat} is not the total {total}",
    ),
    "ofx_elsewhere": Text("OFX 파일은 은행 폴더에 넣어 주세요", "an OFX file belongs into the folder of a bank"),
    "ofx_card": Text(
        "신용카드 계좌의 내역(CCSTMTRS)입니다. 카드 프로필의 폴더에 넣어 주세요",
        "card account statement (CCSTMTRS); drop it into a card profile's folder",
    ),
    "ofx_card_credit": Text(
        "카드 계좌에 들어온 {value}이(가) 매출 취소인지 카드대금 납부인지 알 수 없습니다. 직접 기표해 주세요",
        "the card account was credited or paid {value}: a refund or the bill, which is not said; post it by hand",
    ),
    "ofx_type_gainsaid": Text(
        "거래 유형(TRNTYPE {sort})과 금액의 부호({value})가 서로 맞지 않습니다. 입금인지 출금인지 확인해 주세요",
        "the type (TRNTYPE {sort}) and the sign of the amount ({value}) contradict each other; see which is right",
    ),
    "ofx_type_unknown": Text(
        "알 수 없는 거래 유형입니다(TRNTYPE): ‘{value}’. 입금인지 출금인지 확인해 주세요",
        "unknown type of transaction (TRNTYPE): '{value}'; see whether money came in or went out",
    ),
    "ofx_empty": Text("OFX 파일에 거래가 없습니다", "there is no transaction in the OFX file"),
    "ofx_cut": Text("OFX 파일이 끝까지 내려받아지지 않았습니다", "the OFX file was not downloaded to its end"),
    "ofx_declares": Text(
        "OFX 파일에 있을 수 없는 선언(DOCTYPE, ENTITY)이 있습니다",
        "the OFX file declares what none may: DOCTYPE or ENTITY",
    ),
    "ofx_unended": Text(
        "거래가 끝나기 전에 다음 거래가 시작됩니다", "the transaction does not end before the next begins"
    ),
    "ofx_nameless": Text(
        "계좌(ACCTID)나 거래 번호(FITID)가 없어 어느 거래인지 알 수 없습니다: ‘{value}’",
        "without an account (ACCTID) and a number (FITID) nothing tells which transaction it is: '{value}'",
    ),
    "ofx_corrects": Text(
        "전에 보낸 거래 {value}을(를) 은행이 고친 것입니다. 그 전표를 확인해 주세요",
        "the bank corrects its transaction {value} with it; look at that voucher",
    ),
    "not_bank_money": Text(
        "은행 입출금이 아닌 거래(투자, 대출 등)는 처리하지 않습니다: {sort}",
        "what is no bank transaction (investments, loans) is not handled: {sort}",
    ),
    "key_empty": Text("{column}: 전표키가 비어 있습니다", "{column}: the voucher's key is empty"),
    "key_incomplete": Text(
        "같은 전표키의 다른 행을 읽을 수 없습니다: {rows}행", "rows of the same key cannot be read: {rows}"
    ),
    "key_days": Text("한 전표키에 날짜가 여럿입니다: {days}", "one key has several days: {days}"),
    "key_taken": Text(
        "같은 전표키가 {on}의 전표 {number}에 다른 내용으로 있습니다. 전표키는 다시 쓸 수 없습니다",
        "the key is that of voucher {number} of {on}, which says otherwise; a key cannot be used again",
    ),
    "both_sides": Text(
        "한 행의 차변과 대변에 모두 금액이 있습니다({column})", "one row has both a debit and a credit ({column})"
    ),
    "no_rule": Text("규칙 없음: ‘{name}’에 맞는 규칙이 없습니다", "no rule fits '{name}'"),
    "unbalanced": Text("차변 {debit}과 대변 {credit}이 다릅니다 {rule}", "debit {debit} is not credit {credit} {rule}"),
    "no_such_account": Text("ERP에 없는 계정입니다: {account}", "the ERP has no account {account}"),
    "learned": Text(
        "{file}에 규칙을 적었습니다: {name} → {account}", "a rule was written to {file}: {name} → {account}"
    ),
    "learned_before": Text("{file}의 규칙이 이미 이 계정을 줍니다", "a rule in {file} gives this account already"),
    "profile_unknown": Text(
        "어느 프로필의 전표인지 몰라 규칙을 배우지 못했습니다. 규칙 파일에 직접 적어 주세요",
        "no rule was learned, for the voucher's profile is not known; write it into the rules file",
    ),
    "rule_not_written": Text(
        "{file}에 규칙을 적지 못했습니다: {why}. 직접 적어 주세요",
        "no rule was learned, {file} could not be changed: {why}; write it by hand",
    ),
    "period_closed": Text("{on}의 회계기간이 없거나 마감되었습니다", "the period of {on} is missing or closed"),
    "cancels_too_much": Text(
        "원 전표 {number}의 금액 {amount} 중 {undone}이(가) 이미 취소되어 {asked}을(를) 더 취소할 수 없습니다",
        "voucher {number} of {amount} has {undone} cancelled already: {asked} more is too much",
    ),
    "no_original": Text("취소할 원 승인을 아직 찾지 못했습니다", "the approval that it cancels is not known yet"),
    "pending": Text("아직 확정되지 않은 거래입니다(미매입)", "the statement says that it is not final yet"),
    "no_account_written": Text("계정 칸이 비어 있습니다", "no account was written beside it"),
    "same_row": Text("{row}행과 같은 거래입니다", "the same transaction as row {row}"),
    "conflict": Text(
        "같은 거래가 전표 {number}에 다른 금액({amount})으로 있습니다. 이 줄은 {asked}입니다",
        "the same transaction stands in voucher {number} with another amount ({amount}); this row says {asked}",
    ),
    "likely_same": Text(
        "전표 {number}({said})과(와) 같은 거래로 보입니다. 오류 파일의 판단 칸에 같음 또는 다름을 적거나 "
        "`jikimi same KEY`, `jikimi different KEY`로 답해 주세요",
        "likely the same as {number} ({said}): write 같음 (same) or 다름 (different) in the column 판단 of the "
        "errors file, or run `jikimi same KEY` or `jikimi different KEY`",
    ),
    "conflict_in_file": Text(
        "같은 거래가 다른 금액으로 여러 번 있습니다: {rows}행",
        "the same transaction stands with other amounts: rows {rows}",
    ),
    "stopped": Text("ERP에 닿지 못해 기다립니다: {why}", "it waits, for the ERP could not be reached: {why}"),
    "rules_broken": Text("규칙 파일을 고쳐야 합니다: {problem}", "the rules must be mended: {problem}"),
    "refused": Text("ERP가 거절했습니다: {answer}", "the ERP refused: {answer}"),
    "needs_approval": Text(
        "초안으로 두었습니다. 승인하면 기표됩니다: jikimi approve",
        "it stands as a draft until a person approves the file",
    ),
    "not_posted": Text(
        "전표로 서 있지 않아 되돌릴 것이 없습니다", "it does not stand posted: there is nothing to reverse"
    ),
    "has_cancellations": Text(
        "전표 {number}에 취소가 걸려 있어 고칠 수 없습니다. 먼저 되돌려 주세요: jikimi reverse {number}",
        "voucher {number} has cancellations; reverse it first: jikimi reverse {number}",
    ),
    "corrected_already": Text(
        "이미 전표 {number}(으)로 고쳤습니다", "it is corrected already: voucher {number} stands in its place"
    ),
    "cannot_be_corrected": Text(
        "전표 {number}은(는) 계정 하나를 바꾸어 고칠 수 없습니다. 되돌린 뒤 다시 넣어 주세요: jikimi reverse {number}",
        "voucher {number} has no single account to replace; reverse it and drop its row again: jikimi reverse {number}",
    ),
    "reversed_already": Text("이미 전표 {number}(으)로 되돌렸습니다", "it is reversed already by voucher {number}"),
    "reversed": Text(
        "전표 {number}(으)로 되돌렸습니다. 다시 넣으면 새로 기표합니다",
        "reversed by voucher {number}; drop it in again to post it again",
    ),
    "account_ambiguous": Text(
        "‘{account}’ 계정이 여럿입니다: {codes}. 번호로 적어 주세요",
        "several accounts are called '{account}': {codes}; give the code",
    ),
    "draft_gone": Text(
        "다른 작성자가 처리하고 있어 다음에 다시 봅니다", "another writer is at it; it is looked at again"
    ),
    "doubled": Text("전표가 두 번 있습니다: {numbers}", "it stands twice: {numbers}"),
    "mended": Text("고친 줄이 기표되었습니다: {file}", "the mended row is posted: {file}"),
    "vat_unstated": Text(
        '부가세 칸이 없어 이 파일에는 부가세를 기표하지 않습니다. {file}에서 vat = "eleventh"로 쓰면 1/11을 기표합니다',
        'no column states the VAT, so none is booked for this file; vat = "eleventh" in {file} books one eleventh',
    ),
    "stands_already": Text("이미 전표 {number}(으)로 있습니다", "it stands already as voucher {number}"),
    "fits_no_profile": Text(
        "어떤 프로필({profiles})로도 읽을 수 없습니다", "none of the profiles ({profiles}) can read it"
    ),
    "fits_many_profiles": Text(
        "여러 프로필에 맞습니다: {profiles}. 그 폴더에 넣어 주세요",
        "several profiles fit: {profiles}; use the folder of one",
    ),
}
