"""Couples as features."""

import os

import numpy as np
import pytest

from tests.motion.factories import make_clip
from transflower.audio.audio import Audio
from transflower.audio.writing import write_wav
from transflower.core.errors import DataError, FormatError
from transflower.data.check import check
from transflower.data.import_options import ImportConfig
from transflower.data.importing import import_corpus
from transflower.data.inspection import Expected
from transflower.data.stats.measure import measure_sequence
from transflower.data.store import Store
from transflower.data.stored_motion import open_motion
from transflower.features.motion.codec import decode_motion, places_of
from transflower.features.sidecar import read_sidecar
from transflower.formats.bvh import write_bvh
from transflower.motion.kinematics import forward


@pytest.fixture
def folder(tmp_path):
    for seed, name in enumerate(("leader", "follower")):
        write_bvh(tmp_path / f"{name}.bvh", make_clip(60 - seed, fps=30.0, seed=seed))
    write_wav(tmp_path / "song.wav", Audio(np.zeros((16000, 1), np.float32), 8000))
    (tmp_path / "table.csv").write_text(
        "id,motion,song,partner,split\n1,leader.bvh,song.wav,,val\n2,follower.bvh,song.wav,1,val\n"
    )
    return tmp_path


def config(folder, **options):
    return ImportConfig(
        source="own",
        folder=folder,
        table=folder / "table.csv",
        out=folder / "out",
        onto="none",
        duets=True,
        jobs=1,
        **options,
    )


def test_couples_are_written_with_their_song(folder):
    import_corpus(config(folder, mirror=True))
    names = sorted(path.name for path in (folder / "out").glob("*.npy"))
    kinds = ("audio", "follower", "partner")
    assert names == sorted(f"{one}.{kind}.npy" for one in ("2", "2_mirrored") for kind in kinds)
    rows = {kind: np.load(folder / "out" / f"2.{kind}.npy") for kind in kinds}
    assert {len(array) for array in rows.values()} == {59}
    assert (folder / "out" / "base_filenames_val.txt").read_text() == "2\n2_mirrored\n"
    plain, sidecar = (read_sidecar(folder / "out" / f"{kind}.json") for kind in ("partner", "follower"))
    leader = decode_motion(rows["partner"], plain)
    follower = decode_motion(rows["follower"], sidecar, partner=places_of(leader, plain))
    apart = [
        np.linalg.norm(a[:59, 0] - b[:59, 0], axis=1)
        for a, b in (
            (forward(leader)[0], forward(follower)[0]),
            (forward(make_clip(60, fps=30.0, seed=0))[0], forward(make_clip(59, fps=30.0, seed=1))[0]),
        )
    ]
    np.testing.assert_allclose(apart[0], apart[1], atol=1e-3)


def test_couples_are_checked_and_measured_and_shown(folder):
    import_corpus(config(folder))
    out = folder / "out"
    report = check(
        Store(out), {name: Expected() for name in ("follower", "partner")}, outputs=["follower"], splits=["val"]
    )
    report.raise_problems()
    paths = {name: out / f"2.{name}.npy" for name in ("follower", "partner")}
    sidecars = {name: read_sidecar(out / f"{name}.json") for name in paths}
    stats = measure_sequence(("2", paths), sidecars, dict.fromkeys(paths, 30.0))
    assert not stats.problem
    shown = open_motion(paths["follower"]).clip
    np.testing.assert_allclose(shown.num_frames, 59)
    paths["partner"].unlink()
    with pytest.raises(FormatError, match=r"2\.partner\.npy is not beside it"):
        open_motion(paths["follower"])


def test_what_is_there_stays(folder):
    import_corpus(config(folder))
    before = (folder / "out" / "2.follower.npy").stat().st_mtime_ns
    import_corpus(config(folder))
    assert (folder / "out" / "2.follower.npy").stat().st_mtime_ns == before


def old(path):
    """Make a file older than all features, so that its time tells nothing."""
    os.utime(path, ns=(1, 1))


def test_a_couple_is_made_again_where_the_partner_is_another_recording(folder):
    write_bvh(folder / "other.bvh", make_clip(60, fps=30.0, seed=7))
    for path in folder.iterdir():
        old(path)
    import_corpus(config(folder))
    wanted = np.load(folder / "out" / "2.partner.npy")
    table = folder / "table.csv"
    table.write_text(table.read_text().replace("leader.bvh", "other.bvh"))
    old(table)
    import_corpus(config(folder))
    assert not np.allclose(np.load(folder / "out" / "2.partner.npy"), wanted, atol=1e-3)
    table.write_text(table.read_text().replace("other.bvh", "leader.bvh"))
    old(table)
    import_corpus(config(folder))
    np.testing.assert_array_equal(np.load(folder / "out" / "2.partner.npy"), wanted)


@pytest.mark.parametrize(("column", "cell", "frames"), [("start", "1", 30), ("stop", "1", 30), ("fps", "60", 30)])
def test_a_couple_is_made_again_where_another_part_of_the_partner_counts(folder, column, cell, frames):
    import_corpus(config(folder))
    table = folder / "table.csv"
    head, leader, follower = table.read_text().splitlines()
    table.write_text(f"{head},{column}\n{leader},{cell}\n{follower},\n")
    for path in (table, *folder.glob("*.bvh")):
        old(path)
    import_corpus(config(folder))
    assert len(np.load(folder / "out" / "2.follower.npy")) == frames


@pytest.mark.parametrize("kind", ["follower", "partner"])
def test_an_array_of_a_couple_that_was_deleted_is_made_again(folder, kind):
    import_corpus(config(folder))
    (folder / "out" / f"2.{kind}.npy").unlink()
    import_corpus(config(folder))
    assert (folder / "out" / f"2.{kind}.npy").exists()


def test_a_table_without_partners_has_no_couples(folder):
    (folder / "table.csv").write_text("id,motion\n1,leader.bvh\n")
    with pytest.raises(DataError, match="no recording names a partner"):
        import_corpus(config(folder))
