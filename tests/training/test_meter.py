import torch

from transflower.training.metrics import RunningMeans


def test_means_are_over_what_was_noted_since_they_were_taken():
    meter = RunningMeans()
    meter.add({"loss": torch.tensor(1.0), "norm": torch.tensor(4.0)})
    meter.add({"loss": torch.tensor(3.0)})
    assert meter.means() == {"loss": 2.0, "norm": 4.0}
    assert meter.take() == {"loss": 2.0, "norm": 4.0}
    assert meter.means() == {}
    meter.add({"loss": torch.tensor(7.0)})
    assert meter.take() == {"loss": 7.0}
