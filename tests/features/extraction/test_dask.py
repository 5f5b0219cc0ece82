"""Extraction on a Dask cluster, through joblib."""

import joblib
import numpy as np
import pytest

from tests.audio.factories import make_noise
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError
from transflower.features.extraction.audio import AudioExtraction, extract_audio

distributed = pytest.importorskip("distributed", reason="dask and distributed are not installed")


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::RuntimeWarning")  # What a closing cluster leaves open.
def test_features_made_by_two_workers_of_a_dask_cluster_are_those_made_here(tmp_path):
    for seed, name in enumerate(("a", "b", "c")):
        write_wav(tmp_path / "songs" / f"{name}.wav", make_noise(0.2, seed=seed))
    (tmp_path / "songs" / "d.wav").write_text("no sound")
    options = AudioExtraction(mels=8)
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        distributed.Client(cluster),
        joblib.parallel_config(backend="dask"),
        pytest.raises(DataError, match=r"1 of 4 recordings could not be used: .*d\.wav"),
    ):
        extract_audio([tmp_path / "songs"], tmp_path / "dask", options)
    with pytest.raises(DataError, match="1 of 4"):
        extract_audio([tmp_path / "songs"], tmp_path / "here", AudioExtraction(mels=8, jobs=1))
    for name in ("a", "b", "c"):
        np.testing.assert_array_equal(*(np.load(tmp_path / where / f"{name}.audio.npy") for where in ("dask", "here")))
