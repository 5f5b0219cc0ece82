"""Which feet stand, of a folder of features."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from transflower.cli import main
from transflower.core.errors import DataError, FormatError, OptionsError
from transflower.data.contacts_extraction import extract_contacts
from transflower.data.verb_options import ContactsExtraction
from transflower.features.contacts import encode_contacts
from transflower.features.motion.codec import encode_motion
from transflower.features.motion.describe import describe_motion
from transflower.features.sidecar import ContactsSidecar, write_sidecar
from transflower.motion import rotations as rot
from transflower.synthetic.recording import make_recording


@pytest.fixture(scope="module")
def clips():
    clip = make_recording(0, 0, seconds=8).clip
    return {"one": clip[:90], "two": clip[90:]}


@pytest.fixture
def folder(clips, tmp_path):
    sidecar = describe_motion(clips["one"], "expmap")
    write_sidecar(tmp_path / "motion.json", sidecar)
    for name, clip in clips.items():
        np.save(tmp_path / f"{name}.motion.npy", encode_motion(clip, sidecar).astype(np.float32))
    return tmp_path


def test_every_sequence_gets_the_class_of_each_frame(folder, clips, capsys):
    assert main(["extract", "contacts", str(folder)]) == 0
    told = capsys.readouterr().out
    assert "contacts of LeftFoot and RightFoot of 2 sequences written; " in told
    expected = ContactsSidecar(fps=30.0, of="motion", ahead=3, feet=("LeftFoot", "RightFoot"))
    assert json.loads((folder / "contacts.json").read_text()) == expected.to_dict()
    found = np.load(folder / "one.contacts.npy")
    assert (found == encode_contacts(clips["one"], expected)).mean() > 0.95
    assert len(np.unique(found)) > 1
    main(["extract", "contacts", str(folder)])
    assert "0 sequences written, 2 were there already" in capsys.readouterr().out


def test_only_what_changed_is_made_again(folder):
    extract_contacts(ContactsExtraction(folder=folder))
    assert extract_contacts(ContactsExtraction(folder=folder, seconds=0.2)).written == 2
    assert extract_contacts(ContactsExtraction(folder=folder, seconds=0.2, overwrite=True)).written == 2
    (folder / "one.contacts.npy").unlink()
    assert extract_contacts(ContactsExtraction(folder=folder, seconds=0.2)).written == 1
    os.utime(folder / "two.contacts.npy", (0, 0))  # as if a run with other options had ended before it
    os.utime(folder / "two.motion.npy", (0, 0))
    assert extract_contacts(ContactsExtraction(folder=folder, seconds=0.2)).written == 1


def test_what_cannot_be_is_refused(folder):
    with pytest.raises(OptionsError, match="seconds must be from 0 to 1, got 2"):
        ContactsExtraction(folder=folder, seconds=2.0)
    with pytest.raises(DataError, match=r"holds no ID\.dance\.npy"):
        extract_contacts(ContactsExtraction(folder=folder, of="dance"))
    with pytest.raises(DataError, match=r"motion\.json does not describe contacts in 'motion'; choose another --name"):
        extract_contacts(ContactsExtraction(folder=folder, name="motion"))
    write_sidecar(folder / "motion.json", ContactsSidecar(fps=30.0, of="motion", ahead=3, feet=("LeftFoot",)))
    with pytest.raises(FormatError, match="describes contacts features, not motion"):
        extract_contacts(ContactsExtraction(folder=folder))
    (folder / "motion.json").unlink()
    with pytest.raises(DataError, match=r"motion\.json is missing, which tells whose feet these are"):
        extract_contacts(ContactsExtraction(folder=folder, name="feet"))


def test_feet_are_those_of_most_sequences_as_a_body_may_stand_on_its_hands(folder, clips):
    clip = clips["one"]
    upside_down = clip.rotations.copy()
    upside_down[:, 0] = rot.multiply(np.array([0.0, 0.0, 0.0, 1.0]), upside_down[:, 0])
    sidecar = describe_motion(clip, "expmap")
    rows = encode_motion(replace(clip, rotations=upside_down), sidecar).astype(np.float32)
    np.save(folder / "a_handstand.motion.npy", rows)
    report = extract_contacts(ContactsExtraction(folder=folder))
    assert report.feet == ("LeftFoot", "RightFoot")
    assert report.written == 3
    for name in clips:
        (folder / f"{name}.motion.npy").unlink()
    with pytest.raises(DataError, match="the body has no legs, so that no foot can stand"):
        extract_contacts(ContactsExtraction(folder=folder))
