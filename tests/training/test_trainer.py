import pytest
import torch

from transflower.training.trainer import AtomicIO


def test_state_that_cannot_be_written_leaves_the_one_before(tmp_path):
    path = tmp_path / "resume.ckpt"
    AtomicIO().save_checkpoint({"step": 1}, path)
    with pytest.raises((AttributeError, TypeError)):
        AtomicIO().save_checkpoint({"step": lambda: None}, path)
    assert torch.load(path, weights_only=True) == {"step": 1}
    assert [one.name for one in tmp_path.iterdir()] == ["resume.ckpt"]
