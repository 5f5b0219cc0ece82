"""A published checkpoint becomes a folder that dances."""

import numpy as np
import pytest

from tests.published.factories import golden, write_checkpoint
from transflower import cli


def test_an_imported_model_dances(tmp_path, capsys):
    _, settings, state, _ = golden("transflower_whole")
    path = write_checkpoint(tmp_path / "published.ckpt", {**settings, "model": "transflower"}, state)
    assert cli.main(["import-checkpoint", str(path)]) == 0
    assert "draws m given a, features at 20 frames per second" in capsys.readouterr().out
    np.save(tmp_path / "song.npy", np.random.default_rng(0).standard_normal((15, 5)).astype(np.float32))
    words = [str(tmp_path / "song.npy"), "--model", str(tmp_path / "published"), "--out", str(tmp_path / "out")]
    assert cli.main(["generate", *words, "--format", "npy"]) == 0
    assert np.load(tmp_path / "out" / "song.m.npy").shape == (15, 7)


def test_a_folder_that_is_there_is_left_alone(tmp_path, capsys):
    path = write_checkpoint(tmp_path / "published.ckpt", {}, {})
    (tmp_path / "published").mkdir()
    assert cli.main(["import-checkpoint", str(path)]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.parametrize("fps", ["0", ".inf", ".nan"])
def test_a_frame_rate_that_is_none_is_refused(tmp_path, capsys, fps):
    path = write_checkpoint(tmp_path / "published.ckpt", {}, {})
    assert cli.main(["import-checkpoint", str(path), "--fps", fps]) == 2
    assert "fps" in capsys.readouterr().err
    assert not (tmp_path / "published").exists()


def test_a_missing_file_is_one_line(tmp_path, capsys):
    assert cli.main(["import-checkpoint", str(tmp_path / "no.ckpt")]) == 2
    assert "no.ckpt" in capsys.readouterr().err
