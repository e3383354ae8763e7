"""How failures are counted: the same rule twice, in memory and as scripts that Redis runs.

An attempt is a failure from the moment it begins until it has succeeded, so many at once gain nothing. After
`FREE_FAILURES` of them each attempt has to wait: `FIRST_WAIT`, then twice as long each time, up to `LONGEST_WAIT`. An
attempt that came too early is not counted, and a day without failures forgets all: nobody is locked out for good.
Times are in milliseconds since the epoch.
"""

from collections import OrderedDict
from collections.abc import Sequence
from typing import NamedTuple

FREE_FAILURES = 4
FIRST_WAIT, LONGEST_WAIT = 1_000, 900_000
FORGOTTEN_AFTER = 86_400_000

MEMORY_KEYS = 10_000
"""How many keys are kept in memory: the ones used last."""


class State(NamedTuple):
    """The failures of a key, and when the last one and the one before it were."""

    failures: int = 0
    at: int = 0
    before: int = 0


class Memory:
    """The counters of one process."""

    def __init__(self, capacity: int = MEMORY_KEYS) -> None:
        self._states: OrderedDict[str, State] = OrderedDict()
        self._capacity = capacity

    def attempt(self, keys: Sequence[str], now: int) -> int:
        """0 and the attempt is counted for each key, or the milliseconds to wait and it is not."""
        wait = self.wait(keys, now)
        if wait == 0:
            self.count(keys, now)
        return wait

    def wait(self, keys: Sequence[str], now: int) -> int:
        """The milliseconds to wait before an attempt; nothing is counted."""
        states = [self._state(key, now) for key in keys]
        return max((0, *(state.at + _wait_after(state.failures) - now for state in states)))

    def count(self, keys: Sequence[str], now: int) -> None:
        """Count an attempt for each key, and drop the keys not used for the longest time."""
        for key in keys:
            failures, at, _ = self._state(key, now)
            self._states[key] = State(failures + 1, now, at)
        while len(self._states) > self._capacity:
            self._states.popitem(last=False)

    def succeeded(self, keys: Sequence[str]) -> None:
        """Forget the first key; take the attempt back from the others."""
        account, *others = keys
        self._states.pop(account, None)
        for key in others:
            state = self._states.pop(key, State())
            if state.failures > 1:
                self._states[key] = State(state.failures - 1, state.before, state.before)

    def _state(self, key: str, now: int) -> State:
        """The state as of now. A clock that was set back begins the wait anew, or it would last until it caught up."""
        state = self._states.pop(key, None)
        if state is None:
            return State()
        state = self._states[key] = state._replace(at=min(state.at, now))
        return State(at=state.at) if now - state.at >= FORGOTTEN_AFTER else state


def _wait_after(failures: int) -> int:
    excess = failures - FREE_FAILURES
    return min(FIRST_WAIT << min(excess - 1, 32), LONGEST_WAIT) if excess > 0 else 0


ATTEMPT = f"""
local now, wait, states = tonumber(ARGV[1]), 0, {{}}
for i, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'failures', 'at')
  local failures, at = tonumber(state[1]) or 0, tonumber(state[2]) or 0
  if now - at >= {FORGOTTEN_AFTER} then failures = 0 end
  if at > now then
    at = now
    redis.call('HSET', key, 'at', at)
  end
  local excess = failures - {FREE_FAILURES}
  if excess > 0 then
    wait = math.max(wait, at + math.min({FIRST_WAIT} * 2 ^ (excess - 1), {LONGEST_WAIT}) - now)
  end
  states[i] = {{failures, at}}
end
if wait > 0 or ARGV[2] == 'wait' then return wait end
for i, key in ipairs(KEYS) do
  redis.call('HSET', key, 'failures', states[i][1] + 1, 'at', now, 'before', states[i][2])
  redis.call('PEXPIRE', key, {FORGOTTEN_AFTER})
end
return 0
"""
"""`Memory.attempt` in Redis: KEYS are the keys, ARGV[1] is now; with ARGV[2] 'wait', `Memory.wait`."""

SUCCEEDED = """
for i, key in ipairs(KEYS) do
  local state = redis.call('HMGET', key, 'failures', 'before')
  local failures = (tonumber(state[1]) or 0) - 1
  if i == 1 or failures < 1 then
    redis.call('DEL', key)
  else
    redis.call('HSET', key, 'failures', failures, 'at', state[2])
  end
end
return 0
"""
"""`Memory.succeeded` in Redis: KEYS are the keys."""
