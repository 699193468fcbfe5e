"""A program without an API, and a flow that works in it: the real reception of items, with no browser and no queue."""

import shutil
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from jikimi.clock import Clock
from jikimi.config import Config
from jikimi.erp.flow_erp import FlowErp
from jikimi.erp.port import Booked
from jikimi.rpa.evidence import Place
from jikimi.rpa.item import Item, State
from jikimi.rpa.reception import Reception
from jikimi.rpa.store import ItemStore

FLOW = "booking"
Values = Mapping[str, Any]
Ends = tuple[State, str]


class FlowOffice:
    """The program, the flow and its items.

    Attributes:
        entered: how often each key was entered.
        numbers: the number that the program has given to each key; amounts: what it has stored, as it shows it.
        refuse: returns how an item ends that is not entered, None for one that is.
        reads_back: whether the flow reads the amount after it has saved.
    """

    def __init__(self, config: Config, clock: Clock) -> None:
        self._config, self._clock = config, clock
        self.entered: Counter[str] = Counter()
        self.numbers: dict[str, str] = {}
        self.amounts: dict[str, str] = {}
        self.refuse: Callable[[str, Values], Ends | None] = lambda _key, _values: None
        self.reads_back = False
        self.open()

    def open(self) -> None:
        """Begin with the items that the disk has: none after its loss."""
        self.store = ItemStore(self._config.home / "state/items.sqlite")
        self.reception = Reception(self._config, self._clock, self.store)

    def lose_replies(self) -> None:
        """Lose every reply; what stands in the program stands."""
        shutil.rmtree(self._config.home / "outputs/items", ignore_errors=True)

    def work(self) -> None:
        """Take what was handed in, and bring every item to its end."""
        while True:
            self.reception.look()
            due = self.store.due(self._clock.now().timestamp(), 100)
            if not due:
                return
            for item in due:
                self._attempt(item)

    def retry(self, key: str) -> None:
        """Do as `jikimi items retry` does."""
        item = self.item(key)
        self.reception.put(replace(item, state=State.QUEUED))

    def item(self, key: str) -> Item:
        """Return an item."""
        item = self.reception.get(FLOW, key)
        assert item is not None
        return item

    def _attempt(self, item: Item) -> None:
        stands = item.is_fenced and item.key in self.entered  # as its probe says
        ends = None if stands else self.refuse(item.key, item.data)
        if ends is None:
            if not stands:
                evidence = Place.of(self._config.home / "outputs/evidence", FLOW, item.key).folder
                (evidence / "1").mkdir(parents=True, exist_ok=True)
                self.entered[item.key] += 1
                self.numbers.setdefault(item.key, f"V{len(self.numbers) + 1:03}")
                self.amounts.setdefault(item.key, item.data["amount"])
            result = {"no": self.numbers[item.key]}
            result |= {"amount": self.amounts[item.key]} if self.reads_back else {}
            item = replace(item, state=State.DONE, result=result, is_fenced=False, reason="")
        else:
            item = replace(item, state=ends[0], reason=ends[1])
        self.reception.put(item)
        self.reception.changed(item)


class AtOnce(FlowErp):
    """A ledger whose flow replies before anybody can look."""

    def __init__(self, config: Config, clock: Clock) -> None:
        super().__init__(config.home, FLOW, clock)
        self.office = FlowOffice(config, clock)

    def post(self, drafts: Sequence[Booked]) -> list[Booked]:
        """Hand them out, have them entered, and return how they stand then."""
        super().post(drafts)
        self.office.work()
        return super().post(drafts)
