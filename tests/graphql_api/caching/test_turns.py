import asyncio

import pytest

from graphql_api.caching.turns import Turns

pytestmark = pytest.mark.anyio


class Calls:
    """What was asked for together; each call waits until it is let go."""

    def __init__(self) -> None:
        self.asked: list[set[str]] = []
        self.may_end = asyncio.Event()

    async def __call__(self, names: set[str]) -> int:
        self.asked.append(names)
        await self.may_end.wait()
        if "bad" in names:
            raise LookupError("bad")
        return len(self.asked)


async def test_what_is_asked_for_during_a_call_goes_into_the_next_all_together() -> None:
    calls = Calls()
    turns = Turns(calls)
    first = turns.join(["a"])
    await asyncio.sleep(0)
    others = [turns.join(names) for names in (["b"], ["c", "d"], ["b"])]
    calls.may_end.set()
    assert await first == 1
    assert await asyncio.gather(*others) == [2, 2, 2]
    assert calls.asked == [{"a"}, {"b", "c", "d"}]
    assert await turns.join(["e"]) == 3
    await turns.close()


async def test_a_call_that_fails_tells_those_who_wait_for_it_and_nobody_else() -> None:
    calls = Calls()
    turns = Turns(calls)
    bad = turns.join(["bad"])
    await asyncio.sleep(0)
    good = turns.join(["good"])
    calls.may_end.set()
    with pytest.raises(LookupError):
        await bad
    assert await good == 2
    await turns.close()


async def test_to_close_gives_up_what_is_under_way() -> None:
    turns = Turns(Calls())
    waiting = turns.join(["a"])
    await asyncio.sleep(0)
    await turns.close()
    assert waiting.cancelled()
