"""What cannot fit into the machine is refused before it is tried."""

import psutil
import pytest

from transflower.core import memory
from transflower.core.errors import OptionsError
from transflower.core.memory import check_memory, machine_memory


def test_what_fits_passes():
    check_memory(machine_memory() / 2, what="the model", advice="take a smaller one")


@pytest.mark.parametrize("factor", [1.01, 1e6, 1e300])
def test_what_does_not_fit_is_refused_in_a_sentence(factor):
    with pytest.raises(
        OptionsError, match=r"^the model would need .* of memory, there are .* GiB; take a smaller one$"
    ):
        check_memory(machine_memory() * factor, what="the model", advice="take a smaller one")


def test_limit_of_a_container_counts(tmp_path, monkeypatch):
    for name, content in {"limit": "4096\n", "none": "max\n"}.items():
        (tmp_path / name).write_text(content)
    monkeypatch.setattr(memory, "_LIMITS_OF_GROUPS", [str(tmp_path / name) for name in ("none", "missing")])
    assert machine_memory() == psutil.virtual_memory().total
    monkeypatch.setattr(memory, "_LIMITS_OF_GROUPS", [str(tmp_path / name) for name in ("none", "limit")])
    assert machine_memory() == 4096
