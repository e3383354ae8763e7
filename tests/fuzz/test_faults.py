import pytest

from tests.fuzz.faults import EXECUTION, FAULTS, Fault
from tests.support.worker import ROOT


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_each_fault_can_be_planted_in_the_compiler_as_it_stands(fault: Fault) -> None:
    code = (ROOT / EXECUTION / fault.module).read_text()
    planted = fault.planted(code)
    assert planted != code
    compile(planted, fault.module, "exec")


def test_a_fault_whose_line_is_gone_is_not_planted() -> None:
    fault = Fault("a name", "plan.py", "a line", "another", "torture")
    for code in ("another line\n", "a line\na line\n"):
        with pytest.raises(LookupError, match=r"a name: plan\.py has no such line"):
            fault.planted(code)
