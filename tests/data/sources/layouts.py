"""Data sets in their true layouts, made small."""

import json

import numpy as np

from tests.audio.factories import make_noise
from tests.formats.corpora import finedance_rows, pickled_aist, pickled_frame, pickled_motorica, smpl_walk
from tests.motion.factories import make_clip
from transflower.audio.writing import write_wav
from transflower.formats.bvh import write_bvh
from transflower.synthetic.skeleton import SKELETON


def sound(path, seconds=1.0):
    """A short noise."""
    write_wav(path, make_noise(seconds, 8000, channels=1))


def bvh(path, frames=40, fps=30.0, skeleton=SKELETON):
    """A short dance."""
    write_bvh(path, make_clip(frames, fps=fps, skeleton=skeleton))


def aistpp(folder):
    """Pickles, lists of splits, the ignore list, and songs."""
    (folder / "motions").mkdir(parents=True)
    names = ("gBR_sBM_cAll_d04_mBR0_ch01", "gHO_sFM_cAll_d20_mHO5_ch02", "gJS_sBM_cAll_d01_mJS3_ch03")
    for name in names:
        (folder / "motions" / f"{name}.pkl").write_bytes(pickled_aist(60))
    (folder / "motions" / "notes.pkl").write_bytes(pickled_frame(["MFCC_0"], np.zeros((3, 1))))
    (folder / "splits").mkdir()
    for split, name in zip(("train", "val"), names, strict=False):
        (folder / "splits" / f"crossmodal_{split}.txt").write_text(f"{name}\n")
        (folder / "splits" / f"pose_{split}.txt").write_text(f"{names[2]}\n")
    (folder / "ignore_list.txt").write_text(f"{names[2]}\n")
    for song in ("mBR0", "mHO5"):
        sound(folder / "all_musics" / f"{song}.wav")


def amass(folder):
    """SMPL-H and SMPL-X archives of two data sets, with shapes beside them."""
    for path, joints, rate in (
        ("KIT/3/walk_fast_poses", 52, "mocap_framerate"),
        ("CMU/01/01_01_stageii", 55, "mocap_frame_rate"),
    ):
        poses, trans = smpl_walk(48, joints)
        (folder / path).parent.mkdir(parents=True)
        np.savez(folder / f"{path}.npz", poses=poses, trans=trans, gender="male", betas=np.zeros(16), **{rate: 120.0})
    np.savez(folder / "KIT/3/shape.npz", gender="male", betas=np.zeros(16))


def motorica(folder):
    """A take as BVH and sound, and one as published frames."""
    take = "kthjazz_gJZ_sFM_cAll_d02_mJZ_ch01_inthemood_002"
    bvh(folder / "bvh" / f"{take}.bvh", 160, 120.0)
    sound(folder / "wav" / f"{take}.wav")
    for name in (f"{take}_00", "kthmisc_gCA_sFM_cAll_d01_mCA_ch0_00", "kthmisc_gCA_sFM_cAll_d01_mCA_ch0_01_mirrored"):
        (folder / f"{name}.expmap_30fps.pkl").write_bytes(pickled_motorica(40))
    (folder / f"{take}_00.audio29_30fps.pkl").write_bytes(pickled_frame(["MFCC_0"], np.zeros((40, 1))))
    (folder / "dance_test_files.txt").write_text("kthmisc_gCA_sFM_cAll_d01_mCA_ch0_00\n")


def finedance(folder):
    """Arrays, one of them of a dance to be left out, sound, labels, and features of the music that are no motion."""
    for sub in ("motion", "label_json", "music_npy"):
        (folder / sub).mkdir(parents=True)
    for number in ("001", "002", "117"):
        np.save(folder / "motion" / f"{number}.npy", finedance_rows(40))
        np.save(folder / "music_npy" / f"{number}.npy", np.zeros((40, 35)))
        sound(folder / "music_wav" / f"{number}.wav")
    (folder / "label_json" / "001.json").write_text(json.dumps({"name": "x", "style1": "Traditional", "style2": "Dai"}))
    (folder / "label_json" / "002.json").write_text("{")


def cmu(folder):
    """Trials of two subjects, in folders of numbers and of styles, and the index."""
    bvh(folder / "salsa" / "60_01.bvh", 80, 120.0)
    bvh(folder / "05" / "05_02.bvh", 80, 120.0)
    bvh(folder / "indian" / "08.bvh", 80, 120.0)
    index = "Subject #60 (salsa)\n\n60_01\tsalsa dance\n60_02\tsalsa dance\n"
    (folder / "cmu-mocap-index-text.txt").write_text(index)


def bandai(folder):
    """Clips of two styles."""
    for name in ("dataset-1_dance-short_happy_001", "dataset-1_walk_tired_002"):
        bvh(folder / "data" / f"{name}.bvh")


def lafan1(folder):
    """Clips of two people."""
    for name in ("dance1_subject1", "pushAndStumble1_subject5"):
        bvh(folder / f"{name}.bvh")


def style100(folder):
    """Takes of a style, and the table of cuts, in which one is not there."""
    for way in ("FW", "ID", "TR1"):
        bvh(folder / "Aeroplane" / f"Aeroplane_{way}.bvh", 120, 60.0)
    header = "STYLE_NAME,BR_START,BR_STOP,FW_START,FW_STOP,ID_START,ID_STOP,TR1_START,TR1_STOP"
    (folder / "Frame_Cuts.csv").write_text(f"{header}\nAeroplane,N/A,N/A,30,90,0,60,,\n")


def beat(folder):
    """Gestures and speech of two speakers."""
    for name in ("1_wayne_0_1_1", "2_scott_0_1_1"):
        bvh(folder / name.partition("_")[0] / f"{name}.bvh", 80, 60.0)
        sound(folder / name.partition("_")[0] / f"{name}.wav")


def arrays(folder):
    """A folder for each of two features."""
    for feature, columns in (("pose", 5), ("music", 3)):
        (folder / feature).mkdir(parents=True)
        for name in ("a", "b"):
            np.save(folder / feature / f"{name}.npy", np.zeros((40, columns)))
    np.save(folder / "music" / "c.npy", np.zeros(40, np.int64))


def own(folder):
    """Dances and songs of any names."""
    for name in ("salsa_anna_club", "waltz_ben_blue danube"):
        bvh(folder / f"{name}.bvh")
    sound(folder / "songs" / "club.wav")
    sound(folder / "songs" / "Blue Danube.wav")


LAYOUTS = {
    "aistpp": aistpp,
    "amass": amass,
    "motorica": motorica,
    "finedance": finedance,
    "cmu": cmu,
    "bandai": bandai,
    "lafan1": lafan1,
    "100style": style100,
    "beat": beat,
    "arrays": arrays,
    "own": own,
}
"""Source -> what makes a folder of it."""
