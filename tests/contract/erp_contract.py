"""What every ERP adapter must do; subclass it and give an `erp` fixture with an open year around `DAY`.

Subclass `PostsSeveral` for one that posts several drafts at once, `PostsOneAtATime` for one that refuses to; and
`KnowsItsBooks` as well for one that can be asked for its accounts and periods, `KeepsDescriptions` for one that has
room for a description of its own, `PostsAKeyOnce` for one that refuses to post a key again.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import pytest

from jikimi.erp.port import Entry, Erp, Refused, Voucher

DAY = date(2026, 11, 4)
NEXT_DAY = date(2026, 11, 5)
LATER = date(2026, 11, 20)
LONG_AGO = date(1999, 1, 4)
SAID = (
    '{"적요":"커피 & \\"빵\\" 100%_<b>","card":"1234-****","amount":[-4500,0.5,null],"more":"' + "한글 " * 300 + '."}'
)
NOTHING = Decimal(0)


def voucher(
    key: str,
    amount: str = "4500",
    *,
    on: date = DAY,
    debit: str | None = None,
    origin: int | None = None,
    description: str = "커피",
    witnesses: str = "",
) -> Voucher:
    sides = (
        Entry("811", Decimal(debit or amount), NOTHING, "커피"),
        Entry("253", NOTHING, Decimal(amount), f"카드 {key}"),
    )
    return Voucher(key, on, sides, origin, description, witnesses)


def keys(booked: Sequence[object]) -> list[str]:
    return [getattr(item, "key") for item in booked]  # noqa: B009 - any of the port's values


class ErpContract:
    def test_a_staged_voucher_is_a_draft_without_a_number(self, erp: Erp) -> None:
        (draft,) = erp.stage([voucher("jk1-a")])

        assert (draft.posted, draft.number, draft.key, draft.on, draft.balanced) == (False, "", "jk1-a", DAY, True)
        assert draft.entries == voucher("jk1-a").entries
        assert erp.find(["jk1-a"]) == [draft]
        assert erp.drafts() == [draft]

    def test_staging_keeps_the_order(self, erp: Erp) -> None:
        staged = erp.stage([voucher(f"jk1-{number}") for number in range(5)])

        assert keys(staged) == [f"jk1-{number}" for number in range(5)]
        assert [draft.id for draft in staged] == sorted(draft.id for draft in staged)

    def test_posting_gives_a_number_that_is_read_back(self, erp: Erp) -> None:
        first, second = erp.stage([voucher("jk1-a"), voucher("jk1-b")])

        posted = [*erp.post([first]), *erp.post([second])]

        assert all(booked.posted for booked in posted)
        assert posted[0].number != posted[1].number
        assert erp.find(["jk1-a", "jk1-b"]) == posted
        assert (posted[0].debit, posted[0].credit) == (Decimal(4500), Decimal(4500))
        assert erp.drafts() == []

    def test_posting_twice_is_refused(self, erp: Erp) -> None:
        (draft,) = erp.stage([voucher("jk1-a")])
        erp.post([draft])

        with pytest.raises(Refused):
            erp.post([draft])

        assert len(erp.find(["jk1-a"])) == 1

    def test_what_does_not_balance_never_stands_posted_and_balanced(self, erp: Erp) -> None:
        (draft,) = erp.stage([voucher("jk1-a", "4500", debit="4400")])

        assert not draft.balanced
        assert draft.debit != draft.credit

    def test_discarding_removes_drafts_and_leaves_what_is_posted_or_gone(self, erp: Erp) -> None:
        first, second = erp.stage([voucher("jk1-a"), voucher("jk1-b")])
        (posted,) = erp.post([first])

        erp.discard([first, second])
        erp.discard([second])

        assert erp.find(["jk1-a", "jk1-b"]) == [posted]

    def test_posting_what_was_discarded_is_refused(self, erp: Erp) -> None:
        (draft,) = erp.stage([voucher("jk1-a")])
        erp.discard([draft])

        with pytest.raises(Refused):
            erp.post([draft])

    def test_one_that_is_gone_keeps_the_others_of_its_request_drafts(self, erp: Erp) -> None:
        first, gone, last = erp.stage([voucher("jk1-a"), voucher("jk1-b"), voucher("jk1-c")])
        erp.discard([gone])

        with pytest.raises(Refused):
            erp.post([first, gone, last])

        assert erp.drafts() == [first, last]

    def test_one_that_stands_posted_keeps_the_others_of_its_request_drafts(self, erp: Erp) -> None:
        first, second, last = erp.stage([voucher("jk1-a"), voucher("jk1-b"), voucher("jk1-c")])
        posted = erp.post([second])

        with pytest.raises(Refused):
            erp.post([first, second, last])

        assert erp.find(["jk1-b"]) == posted
        assert erp.drafts() == [first, last]

    def test_a_posted_voucher_is_found_by_an_entry_s_text(self, erp: Erp) -> None:
        first, _ = erp.stage([voucher("jk1-a"), voucher("jk1-b")])
        (posted,) = erp.post([first])

        assert erp.find_by_text(["카드 jk1-a", "카드 jk1-b", "없는 글"]) == [posted]
        assert erp.find_by_text([]) == []

    def test_a_reversal_is_found_by_what_it_reverses(self, erp: Erp) -> None:
        (original,) = erp.post(erp.stage([voucher("jk1-a")]))
        swapped = Voucher("jk1-r", DAY, tuple(entry.swapped() for entry in original.entries), original.id)
        (draft,) = erp.stage([swapped])

        assert erp.find_reversals([original.id]) == []
        (reversal,) = erp.post([draft])

        assert reversal.origin == original.id
        assert erp.find_reversals([original.id]) == [reversal]
        assert erp.find_reversals([]) == []

    def test_many_keys_are_found_in_one_call(self, erp: Erp) -> None:
        wanted = [f"jk1-{number}" for number in range(120)]
        erp.stage([voucher(key) for key in wanted])

        assert keys(erp.find(wanted)) == wanted
        assert erp.find([]) == []

    def test_a_key_is_not_found_by_its_beginning(self, erp: Erp) -> None:
        erp.stage([voucher("jk1-ab"), voucher("jk1-ab2", witnesses=SAID)])

        assert erp.find(["jk1-a", "jk1-"]) == []
        assert keys(erp.find(["jk1-ab"])) == ["jk1-ab"]

    def test_drafts_and_posted_vouchers_are_found_by_their_day(self, erp: Erp) -> None:
        first, *drafts = erp.stage(
            [voucher("jk1-a"), voucher("jk2-b"), voucher("jk2-c", on=NEXT_DAY), voucher("jk2-d", on=LATER)]
        )
        (posted,) = erp.post([first])

        assert erp.find_on([DAY]) == [posted, drafts[0]]
        assert erp.find_on([NEXT_DAY, DAY]) == [posted, *drafts[:2]]
        assert erp.find_on([date(2026, 11, 6)]) == []
        assert erp.find_on([]) == []

    def test_keys_of_either_kind_are_found_among_drafts_and_by_text(self, erp: Erp) -> None:
        staged = erp.stage([voucher("jk1-a", witnesses=SAID), voucher("jk2-a", witnesses=SAID)])

        assert erp.drafts() == staged
        posted = [*erp.post(staged[:1]), *erp.post(staged[1:])]
        assert erp.find_by_text(["카드 jk1-a", "카드 jk2-a"]) == posted

    def test_witnesses_come_back_as_they_were(self, erp: Erp) -> None:
        (draft,) = erp.stage([voucher("jk2-a", witnesses=SAID)])

        assert (draft.description, draft.witnesses) == ("커피", SAID)
        assert erp.find(["jk2-a"]) == erp.find_on([DAY]) == erp.drafts() == [draft]

        (posted,) = erp.post([draft])

        assert (posted.key, posted.description, posted.witnesses) == ("jk2-a", "커피", SAID)
        assert erp.find(["jk2-a"]) == erp.find_on([DAY]) == [posted]


class PostsSeveral(ErpContract):
    def test_several_are_posted_in_one_request_and_numbered_in_their_order(self, erp: Erp) -> None:
        drafts = erp.stage([voucher(f"jk1-{number}") for number in range(5)])
        wanted = [drafts[place] for place in (3, 0, 4, 1, 2)]

        posted = erp.post(wanted)

        assert keys(posted) == keys(wanted)
        assert all(booked.posted for booked in posted)
        assert [booked.number for booked in posted] == sorted({booked.number for booked in posted})
        assert erp.find(keys(wanted)) == sorted(posted, key=lambda booked: booked.id)
        assert erp.drafts() == []


class PostsOneAtATime(ErpContract):
    def test_several_in_one_request_are_refused_and_none_is_posted(self, erp: Erp) -> None:
        drafts = erp.stage([voucher("jk1-a"), voucher("jk1-b")])

        for _ in range(2):
            with pytest.raises(Refused):
                erp.post(drafts)

        assert erp.drafts() == drafts
        assert keys([booked for draft in drafts for booked in erp.post([draft])]) == keys(drafts)


class KnowsItsBooks:
    def test_the_catalogue_names_open_accounts_periods_and_the_currency(self, erp: Erp) -> None:
        catalogue = erp.catalogue()

        assert {"253", "811"} <= set(catalogue.accounts)
        assert (catalogue.currency, catalogue.digits) == ("KRW", 0)
        assert catalogue.takes(DAY)
        assert not catalogue.takes(LONG_AGO)

    def test_a_bad_voucher_in_a_batch_refuses_the_whole_batch(self, erp: Erp) -> None:
        with pytest.raises(Refused):
            erp.stage([voucher("jk1-a"), voucher("jk1-b", on=LONG_AGO), voucher("jk1-c")])

        assert erp.find(["jk1-a", "jk1-b", "jk1-c"]) == []

    def test_an_unknown_account_is_refused(self, erp: Erp) -> None:
        lost = Voucher("jk1-a", DAY, (Entry("99999", Decimal(1), NOTHING, ""), Entry("253", NOTHING, Decimal(1), "")))

        with pytest.raises(Refused):
            erp.stage([lost])


class KeepsDescriptions:
    @pytest.mark.parametrize("description", ["스타벅스 강남 2호점", ""])
    def test_a_description_comes_back_as_it_was(self, erp: Erp, description: str) -> None:
        drafts = erp.stage([voucher("jk2-a", description=description, witnesses=SAID)])

        assert drafts[0].description == description
        assert erp.find(["jk2-a"]) == drafts
        assert erp.post(drafts) == erp.find_on([DAY])
        assert erp.find(["jk2-a"])[0].description == description


class PostsAKeyOnce:
    def test_a_second_voucher_with_a_posted_key_is_refused(self, erp: Erp) -> None:
        first, second, other = erp.stage([voucher("jk2-a"), voucher("jk2-a"), voucher("jk2-b")])
        (posted,) = erp.post([first])

        for drafts in ([second], [other, second]):
            with pytest.raises(Refused):
                erp.post(drafts)

        assert erp.find(["jk2-a"]) == [posted, second]
        assert erp.drafts() == [second, other]

    def test_two_vouchers_with_one_key_are_not_posted_together(self, erp: Erp) -> None:
        drafts = erp.stage([voucher("jk2-a"), voucher("jk2-a")])

        with pytest.raises(Refused):
            erp.post(drafts)

        assert erp.drafts() == drafts
