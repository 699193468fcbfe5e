"""A cycle from dropped files to vouchers, answers and counts."""

import csv
import hashlib
import io
from collections.abc import Sequence
from decimal import Decimal
from typing import NoReturn

import pytest

from jikimi.config.model import Ledger
from jikimi.erp.port import Booked, Catalogue, Refused, Unavailable, Voucher
from jikimi.testing.erp import FakeErp, Fate
from jikimi.text import Lang
from tests.unit.vouchers.office import BANK_HEADER, CARD_HEADER, AnyOffice, Office, card_file, card_row, counts


def test_a_dropped_statement_becomes_posted_balanced_vouchers(office: Office) -> None:
    document = office.settle(card_file(card_row(1), card_row(2, amount="8800")))

    assert counts(document) == (2, 2, 0, 0, 0)
    assert (document["debit"], document["credit"], document["proof"]) == ("13300", "13300", True)
    assert office.balance("811") == Decimal(13300)
    assert office.files("done") == ["card.csv"]
    assert office.files("work") == office.files("inbox") == []


def test_an_idle_cycle_touches_nothing(office: Office) -> None:
    document = office.cycle()

    assert counts(document) == (0, 0, 0, 0, 0)
    assert office.leases.held == {}
    assert office.files("logs/cycles") == []


def test_each_cycle_with_work_has_a_new_log(office: Office) -> None:
    office.settle(card_file(card_row(1)))
    office.clock.advance(1)
    office.settle(card_file(card_row(2)))

    logs = [path.read_text() for path in sorted((office.config.home / "logs/cycles").iterdir())]
    assert len(logs) == 2
    assert "posted" in logs[0]
    assert "in=1 posted=1" in logs[1]


def test_the_same_bytes_again_are_put_aside_as_a_duplicate(office: Office) -> None:
    office.settle(card_file(card_row(1)))

    document = office.settle(card_file(card_row(1)), "again.csv")

    assert counts(document) == (0, 0, 0, 0, 0)
    assert document["duplicates"] == 1
    assert office.files("duplicate") == ["again.csv"]
    assert list(office.posted_keys().values()) == [1]


def test_two_overlapping_exports_post_what_is_new(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(2)))

    document = office.settle(card_file(card_row(2), card_row(3)), "next.csv")

    assert counts(document) == (2, 1, 1, 0, 0)
    assert sorted(office.posted_keys().values()) == [1, 1, 1]


def test_twins_without_a_natural_key_both_count_and_once_only(office: Office) -> None:
    rows = ["2026-11-05 10:00,송금수수료,500,,1000000", "2026-11-05 10:00,송금수수료,500,,999500"]
    statement = "\n".join([BANK_HEADER, *rows, ""]).encode()

    first = office.settle(statement, "bank.csv", "bank")
    again = office.settle(statement + b"\n", "longer.csv", "bank")

    assert counts(first) == (2, 2, 0, 0, 0)
    assert counts(again) == (2, 0, 2, 0, 0)
    assert office.balance("831") == Decimal(1000)


def test_a_natural_key_that_is_listed_twice_is_one_transaction(office: Office) -> None:
    document = office.settle(card_file(card_row(1), card_row(1)))

    assert counts(document) == (2, 1, 1, 0, 0)
    assert office.reasons(document["files"][0]["sha"]) == {3: "same_row"}


def test_a_natural_key_with_two_amounts_is_a_conflict_and_nothing_is_posted(office: Office) -> None:
    document = office.settle(card_file(card_row(1), card_row(1, amount="9900")))

    assert counts(document) == (2, 0, 0, 2, 0)
    assert office.posted_keys() == {}


def test_a_known_key_with_another_amount_in_a_later_file_goes_to_a_person(office: Office) -> None:
    office.settle(card_file(card_row(1)))

    document = office.settle(card_file(card_row(1, amount="9900")), "later.csv")

    assert counts(document) == (1, 0, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {2: "conflict"}
    assert office.balance("811") == Decimal(4500)


def test_one_poison_line_in_a_hundred_is_rejected_alone(office: Office) -> None:
    office.batch = 100
    refuse_text(office, f"{57:08d}")

    document = office.settle(card_file(*(card_row(number) for number in range(100))))

    assert counts(document) == (100, 99, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {59: "refused"}
    assert document["proof"]


def refuse_text(office: Office, text: str) -> None:
    """Let the ERP refuse whatever has an entry with *text*."""
    stage = office.company._stage

    def picky(vouchers: Sequence[Voucher]) -> list[Booked]:
        if any(text in entry.text for voucher in vouchers for entry in voucher.entries):
            raise Refused(answer="poison")
        return stage(vouchers)

    office.company._stage = picky  # type: ignore[method-assign]


def test_a_rule_whose_shares_do_not_make_a_whole_lets_the_file_wait_and_is_told_in_both_languages(
    office: Office,
) -> None:
    rules = office.config.home / "rules/card.toml"
    rules.write_text(
        'counter = "253"\n[[rule]]\nmerchant = "스타벅스"\nsplit = { 811 = 60, 812 = 30 }\n', encoding="utf-8"
    )

    document = office.settle(card_file(card_row(1, amount="10000")))

    assert counts(document) == (1, 0, 0, 0, 1)
    (entry,) = office.journal.entries(document["files"][0]["sha"])
    assert entry.outcome.reason is not None
    assert entry.outcome.reason.code == "rules_broken"
    assert "card.toml:4: rule.0.split: 나눈 몫의 합은 100이어야 합니다" in entry.outcome.reason.say(Lang.KO)
    assert "card.toml:4: rule.0.split: the shares must make up 100 together" in entry.outcome.reason.say(Lang.EN)
    assert office.company.books == {}


def test_a_line_in_a_closed_period_is_rejected_and_the_others_go_on(office: Office) -> None:
    document = office.settle(card_file(card_row(1).replace("2026", "2024"), card_row(2)))

    assert counts(document) == (2, 1, 0, 1, 0)
    assert office.reasons(document["files"][0]["sha"]) == {2: "period_closed"}


def test_two_workers_at_once_post_everything_once(office: Office) -> None:
    office.drop(card_file(card_row(1)))
    other = office.leases.lease("company", "erp-worker-2")
    other.take()

    kept_out = office.cycle()
    other.release()
    document = office.cycle()

    assert kept_out["outcome"] == "away"
    assert counts(kept_out) == (0, 0, 0, 0, 0)
    assert counts(document) == (1, 1, 0, 0, 0)
    assert list(office.posted_keys().values()) == [1]


def test_after_losing_the_state_nothing_is_posted_twice(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(2)))
    done = next((office.config.home / "done").rglob("card.csv"))

    office.lose_state()
    document = office.settle(done.read_bytes(), "card.csv")

    assert counts(document) == (2, 0, 2, 0, 0)
    assert sorted(office.posted_keys().values()) == [1, 1]


def test_an_erp_that_is_away_leaves_the_lines_waiting_and_the_next_cycle_posts_them(office: Office) -> None:
    office.company.fate = lambda: Fate.LOST

    away = office.settle(card_file(card_row(1), card_row(2)))
    office.company.fate = lambda: Fate.DONE
    back = office.cycle()

    assert (away["outcome"], counts(away)) == ("away", (2, 0, 0, 0, 2))
    assert (back["outcome"], counts(back)) == ("done", (2, 2, 0, 0, 0))
    assert office.journal.totals()["waiting"] == 0
    assert office.journal.totals()["success"] == 1
    assert office.journal.totals().get("failure", 0) == 0


def test_only_the_lines_that_still_wait_are_taken_again(office: Office) -> None:
    office.batch = 1
    fates = iter([Fate.DONE, Fate.DONE, Fate.LOST])
    office.company.fate = lambda: next(fates, Fate.DONE)

    first = office.settle(card_file(card_row(1), card_row(2), card_row(3, "모르는 가게")))
    second = office.cycle()

    assert counts(first) == (3, 1, 0, 1, 1)
    assert counts(second) == (1, 1, 0, 0, 0)
    assert office.files("done") == ["card.csv"]


def test_what_was_posted_just_before_a_crash_counts_as_posted_by_us(office: Office) -> None:
    office.company.fate = iter([Fate.DONE, Fate.UNANSWERED, *[Fate.DONE] * 9]).__next__

    office.settle(card_file(card_row(1)))
    document = office.cycle()

    assert counts(document) == (1, 1, 0, 0, 0)
    assert list(office.posted_keys().values()) == [1]


def test_a_cycle_that_is_asked_to_stop_leaves_the_rest_for_the_next(office: Office) -> None:
    office.drop(card_file(card_row(1)), "a.csv")
    office.watcher.stop = True

    stopped = office.cycle()
    office.watcher.stop = False
    document = office.cycle()

    assert (stopped["outcome"], counts(stopped)) == ("stopped", (0, 0, 0, 0, 0))
    assert counts(document) == (1, 1, 0, 0, 0)


def test_a_crash_between_recording_and_moving_is_finished_without_counting_again(office: Office) -> None:
    office.settle(card_file(card_row(1)))
    done = next((office.config.home / "done").rglob("card.csv"))
    claim = office.journal.claim_of(hashlib.sha256(done.read_bytes()).hexdigest())
    assert claim is not None
    folder = office.config.home / "work/card" / claim[0]
    folder.mkdir(parents=True)
    done.rename(folder / "card.csv")

    document = office.cycle()

    assert counts(document) == (0, 0, 0, 0, 0)
    assert document["duplicates"] == 0
    assert office.files("done") == ["card.csv"]


def test_broken_rules_keep_the_file_waiting_and_say_the_line(office: Office) -> None:
    rules = office.config.home / "rules/card.toml"
    good = rules.read_text(encoding="utf-8")
    rules.write_text(good.replace('account = "811"', "acount = '811'", 1), encoding="utf-8")

    broken = office.settle(card_file(card_row(1)))
    rules.write_text(good, encoding="utf-8")
    mended = office.cycle()

    assert counts(broken) == (1, 0, 0, 0, 1)
    assert office.reasons(mended["files"][0]["sha"]) == {}
    assert counts(mended) == (1, 1, 0, 0, 0)


def as_csv(rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode()


def test_rejected_rows_go_to_a_file_that_can_be_mended_and_dropped_again(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(2, "별빛상회", "45000"), card_row(3, "=cmd()|'A1'", "700")))
    errors = office.config.home / "rejected/card.errors.csv"
    text = errors.read_text(encoding="utf-8")
    rows = list(csv.reader(text.removeprefix("\ufeff").splitlines()))
    assert text.startswith("\ufeff")
    assert rows[0] == [*CARD_HEADER.split(","), "원본", "이유", "계정"]
    assert [row[3] for row in rows[1:]] == ["별빛상회", "'=cmd()|'A1'"]

    rows[1][-1] = "830"
    rows[2][-1] = "831"
    document = office.settle(as_csv(rows), "card.errors.csv")
    later = office.settle(card_file(card_row(9, "별빛상회", "100")), "later.csv")

    assert counts(document) == (2, 2, 0, 0, 0)
    assert office.balance("830") == Decimal(45100)
    assert counts(later) == (1, 1, 0, 0, 0)


def test_a_mended_file_takes_only_the_rows_with_an_account(office: Office) -> None:
    office.settle(card_file(card_row(1, "별빛상회"), card_row(2, "달빛상회")))
    errors = (office.config.home / "rejected/card.errors.csv").read_text(encoding="utf-8")
    mended = errors.replace('맞는 규칙이 없습니다"', "").splitlines()
    mended[1] = mended[1].rstrip(",") + ",830"

    document = office.settle("\n".join(mended).encode(), "card.errors.csv")

    assert counts(document) == (2, 1, 0, 1, 0)


def test_a_mended_row_that_was_posted_meanwhile_is_not_posted_twice(office: Office) -> None:
    office.settle(card_file(card_row(1, "별빛상회")))
    mended = card_file(f"{card_row(1, '별빛상회')},규칙 없음,830", header=f"{CARD_HEADER},이유,계정")

    first = office.settle(mended, "card.errors.csv")
    second = office.settle(mended + b"\n", "card.errors (2).csv")

    assert counts(first) == (1, 1, 0, 0, 0)
    assert counts(second) == (1, 0, 1, 0, 0)


def test_a_file_in_the_inbox_itself_goes_to_the_only_profile_that_fits(office: Office) -> None:
    document = office.settle(card_file(card_row(1)), profile="")

    assert counts(document) == (1, 1, 0, 0, 0)
    assert document["files"][0]["profile"] == "card"


def test_a_file_that_fits_no_profile_is_answered_and_put_aside(office: Office) -> None:
    document = office.settle(b"some,words\n1,2\n", "letter.csv", profile="")

    assert document["files"][0]["refusal"] == "fits_no_profile"
    assert office.files("rejected") == ["letter.csv"]
    assert office.files("outputs/results") == ["letter.csv.html"]


def test_an_unreadable_file_is_refused_with_an_answer_and_the_others_go_on(office: Office) -> None:
    office.drop(b"", "empty.csv")

    document = office.settle(card_file(card_row(1)))

    assert counts(document) == (1, 1, 0, 0, 0)
    assert [file["refusal"] for file in document["files"]] == ["empty_file", ""]
    assert office.files("rejected") == ["empty.csv"]


def test_a_file_that_still_changes_is_left_alone(office: Office) -> None:
    path = office.drop(card_file(card_row(1)))
    office.clock.advance(-3600)

    early = office.cycle()
    office.clock.advance(3600)
    late = office.cycle()

    assert counts(early) == (0, 0, 0, 0, 0)
    assert counts(late) == (1, 1, 0, 0, 0)
    assert not path.exists()


@pytest.mark.parametrize("name", ["~$card.xlsx", ".card.csv", "card.csv.part", "card.crdownload", "card.tmp"])
def test_what_a_program_has_not_finished_is_left_alone(office: Office, name: str) -> None:
    office.drop(card_file(card_row(1)), name)

    document = office.cycle()

    assert counts(document) == (0, 0, 0, 0, 0)
    assert office.files("inbox") == [name]


def test_on_a_disk_that_is_almost_full_nothing_is_taken_in_and_later_it_is(office: Office) -> None:
    office.free_bytes = 999_999_999

    full = office.settle(card_file(card_row(1)))
    office.free_bytes = 1_000_000_000
    document = office.cycle()

    assert (full["outcome"], counts(full)) == ("away", (0, 0, 0, 0, 0))
    assert "999 MB" in full["away"][0]
    assert counts(document) == (1, 1, 0, 0, 0)


def test_practice_never_touches_the_company_s_books(office: Office) -> None:
    document = office.settle(card_file(card_row(1)), profile="practice-card")

    assert (counts(document), document["ledger"]) == ((1, 1, 0, 0, 0), "practice")
    assert office.company.books == {}


def test_a_statement_that_was_practised_with_is_posted_to_the_company_s_books_as_well(office: Office) -> None:
    office.settle(card_file(card_row(1)), profile="practice-card")

    document = office.settle(card_file(card_row(1)))

    assert (counts(document), document["duplicates"]) == ((1, 1, 0, 0, 0), 0)
    assert list(office.posted_keys().values()) == [1]


def test_the_answer_shows_every_row_with_its_number_and_reason(office: Office) -> None:
    office.settle(card_file(card_row(1), card_row(2, "별빛상회", "45000")))

    page = (office.config.home / "outputs/results/card.csv.html").read_text(encoding="utf-8")

    assert "2026-000001" in page
    assert "별빛상회" in page
    assert "45,000" in page
    assert "card.errors.csv" in page


def test_answers_to_two_files_of_one_name_are_both_kept(office: Office) -> None:
    office.settle(card_file(card_row(1)))
    office.settle(card_file(card_row(2)))

    assert len(office.files("outputs/results")) == 2
    assert office.files("done") == ["card (2).csv", "card.csv"]


def test_an_error_of_ours_is_never_taken_for_absence(office: Office) -> None:
    def broken(keys: Sequence[str]) -> list[Booked]:
        raise ZeroDivisionError

    office.company.find = broken  # type: ignore[method-assign]

    with pytest.raises(ZeroDivisionError):
        office.settle(card_file(card_row(1)))
    assert office.leases.held == {}


def test_progress_is_told_batch_by_batch(office: Office) -> None:
    office.batch = 2

    office.settle(card_file(*(card_row(number) for number in range(5))))

    assert office.watcher.progress == [0, 2, 4, 5]


class SilentErp(FakeErp):
    """An ERP whose database is away: each question waits for half a minute, and nothing comes of it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = 0

    def catalogue(self) -> Catalogue:
        return self._wait()

    def find(self, keys: Sequence[str]) -> list[Booked]:
        return self._wait()

    def drafts(self) -> list[Booked]:
        return self._wait()

    def _wait(self) -> NoReturn:
        self.asked += 1
        raise Unavailable(answer="no answer within 35 s")


def test_an_erp_that_does_not_answer_is_asked_once_a_ledger_and_each_ledger_has_its_own_time(office: Office) -> None:
    erps = {ledger: SilentErp() for ledger in Ledger}
    silent = AnyOffice(office.config, erps)
    for number in range(3):
        silent.drop(card_file(card_row(number)), f"{number}.csv")
        silent.drop(card_file(card_row(number)), f"{number}.csv", "practice-card")

    document = silent.cycle()

    assert document["outcome"] == "away"
    assert [erp.asked for erp in erps.values()] == [1, 1]
    assert silent.watcher.phases == ["settling company", "settling practice"]
    silent.close()
