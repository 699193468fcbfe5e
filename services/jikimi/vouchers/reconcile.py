"""The line that proves it: what the ERP has, read again, against what we say that we did."""

from collections.abc import Mapping

from jikimi.erp.port import Erp
from jikimi.vouchers.outcome import Outcome

_PER_SEARCH = 100


def keys_in_trouble(erp: Erp, standing: Mapping[str, Outcome]) -> dict[str, str]:
    """Return each key whose voucher does not stand exactly once as its outcome says, and what is wrong."""
    trouble: dict[str, str] = {}
    keys = list(standing)
    for start in range(0, len(keys), _PER_SEARCH):
        some = keys[start : start + _PER_SEARCH]
        posted = [booked for booked in erp.find(some) if booked.posted]
        for key in some:
            mine = [booked for booked in posted if booked.key == key]
            if len(mine) != 1:
                trouble[key] = f"stands {len(mine)} times"
            elif mine[0].number != standing[key].number:
                trouble[key] = f"bears number {mine[0].number}, not {standing[key].number}"
            elif mine[0].debit != mine[0].credit:
                trouble[key] = "does not balance"
    return trouble
