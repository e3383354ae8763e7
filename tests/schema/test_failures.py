from schema.failures import Memory


def test_memory_keeps_the_keys_used_last() -> None:
    memory = Memory(capacity=2)
    for _ in range(5):
        memory.attempt(["kept"], 0)
    for number in range(100):
        memory.attempt([f"passing {number}"], 0)
        assert memory.attempt(["kept"], 0) == 1000


def test_memory_forgets_the_keys_not_used_for_the_longest_time() -> None:
    memory = Memory(capacity=2)
    for _ in range(5):
        memory.attempt(["dropped"], 0)
    memory.attempt(["one", "two"], 0)
    assert memory.attempt(["dropped"], 0) == 0


def test_memory_is_bounded_as_it_comes() -> None:
    memory = Memory()
    for _ in range(5):
        memory.attempt(["first"], 0)
    memory.attempt([f"key {number}" for number in range(9_999)], 0)
    assert memory.attempt(["first"], 0) == 1000
    memory.attempt([f"key {number}" for number in range(10_000)], 0)
    assert memory.attempt(["first"], 0) == 0
