"""What the names of joints say, in the conventions of the programs that write them."""

import re
from dataclasses import dataclass
from functools import cache

_NAME_SPACE = re.compile(r"^.*[:|]")
_VROID = re.compile(r"^J_(Bip|Sec|Adj)_([CLR])_", re.IGNORECASE)
_PREFIX = re.compile(r"^(mixamorig\d*|ValveBiped|Bip\d*|bone)(?=[ _.A-Z])[ _.]*", re.IGNORECASE)
_TOKENS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FILLERS = """
jnt jt joint bone bn bind sk skin stretch body def anim cc base c b j f smpl smplx bip rig org main
"""
_IGNORED = frozenset(_FILLERS.split())
_NO_BONES = """
twist roll ik fk pole end nub tip share target ctrl control socket offset buttock butt breast bust ribs hair
skirt cloth tail wing weapon prop effector helper corrective muscle dummy attach ribbon tweak mch site leaf
null swing bendy volume cape sleeve armor accessory glasses hat teeth tongue root
"""
_HELPERS = frozenset(_NO_BONES.split())
_SIDES = {"left": "left", "right": "right", "l": "left", "r": "right", "lf": "left", "rt": "right", "lft": "left"}
_FINGERS = {
    "thumb": "Thumb",
    "index": "Index",
    "point": "Index",
    "pointer": "Index",
    "middle": "Middle",
    "mid": "Middle",
    "ring": "Ring",
    "little": "Little",
    "pinky": "Little",
    "pink": "Little",
    "pinkie": "Little",
    "small": "Little",
}
_ORDINALS = ("Thumb", "Index", "Middle", "Ring", "Little")
_COUNTED = dict(zip(("first", "second", "third", "fourth", "fifth"), _ORDINALS, strict=True))
_PHALANGES = {"mc", "pp", "mp", "dp"}
"""Of Xsens, whose ``LeftSecondPP`` is the first bone of the index finger."""

_WORDS = {
    "hips": ("hips", "hip", "pelvis", "hipscenter"),
    "neck": ("neck", "lowerneck", "upperneck", "neckupper", "necklower"),
    "head": ("head",),
    "jaw": ("jaw", "jawroot"),
    "eye": ("eye", "faceeye"),
    "collar": ("collar", "clavicle", "collarbone", "clav", "shouldercollar", "scapula"),
    "shoulder": ("shoulder", "shldr", "shoul"),
    "upperArm": ("upperarm", "uparm", "armupper", "humerus", "bicep", "armup"),
    "arm": ("arm",),
    "lowerArm": (
        "forearm",
        "lowerarm",
        "loarm",
        "armlower",
        "elbow",
        "radius",
        "lowarm",
        "armlow",
        "armfore",
        "forarm",
    ),
    "hand": ("hand", "wrist", "palm"),
    "upperLeg": ("upleg", "upperleg", "legupper", "thigh", "femur", "legup", "hipjnt", "upperthigh"),
    "hip": ("hip", "hips"),
    "lowerLeg": ("lowerleg", "loleg", "leglower", "calf", "shin", "knee", "tibia", "lowleg", "leglow", "crus"),
    "leg": ("leg",),
    "foot": ("foot", "ankle", "feet"),
    "toes": ("toe", "toes", "toebase", "ball", "forefoot", "football", "balltoe", "toesbase"),
    "spine": ("spine", "chest", "upperchest", "torso", "abdomen", "waist", "lowerback", "upperback", "thorax", "back"),
}
_ROLES = {
    word: tuple(role for role, words in _WORDS.items() if word in words)
    for word in sorted(set().union(*_WORDS.values()))
}


@dataclass(frozen=True, kw_only=True)
class JointName:
    """A joint's name, read."""

    side: str
    """``left``, ``right``, or nothing."""
    roles: tuple[str, ...]
    """What it may stand for, of the table above: a ``shoulder`` is a collar bone in some programs, an arm in others."""
    finger: str = ""
    """``Thumb`` ... ``Little``, for a joint of a finger."""
    is_metacarpal: bool = False
    """Whether it says that it is the bone within the palm."""
    is_helper: bool = False
    """Whether it is no bone of the body: it takes part of a twist, holds a tip, or carries hair, clothes or tools."""


@cache
def read_name(name: str) -> JointName:
    """What a joint's name says.

    Example:
        >>> read_name("mixamorig:LeftForeArm").roles, read_name("lower_arm.R").side
        (('lowerArm',), 'right')
        >>> read_name("Bip01 L Finger12").finger, read_name("thigh_twist_01_l").is_helper
        ('Index', True)
    """
    name = _NAME_SPACE.sub("", name)
    vroid = _VROID.match(name)
    rest = name[vroid.end() :] if vroid else _PREFIX.sub("", name)
    tokens = [token.lower() for token in _TOKENS.findall(rest)]
    side, tokens = _split_side(tokens)
    if vroid:
        side = _SIDES.get(vroid[2].lower(), "")
    words = [token for token in tokens if not token.isdigit() and token not in _IGNORED]
    numbers = [token for token in tokens if token.isdigit()]
    is_hip_joint = "hipjoint" in words or (words == ["hip"] and "joint" in tokens)
    is_twist_neck = "neck" in words and "twist" in words  # Character Creator has no other neck
    if (vroid and vroid[1].lower() != "bip") or is_hip_joint or (_HELPERS.intersection(words) and not is_twist_neck):
        return JointName(side=side, roles=(), is_helper=True)
    words = [word for word in words if word != "twist"]
    finger = "" if {"toe", "toes", "foot"}.intersection(words) else _finger(words, numbers)
    is_metacarpal = bool({"metacarpal", "mc", "palm", "meta"}.intersection(words))
    roles = () if finger or is_metacarpal else _ROLES.get("".join(words), ())
    return JointName(side=side, roles=roles, finger=finger, is_metacarpal=is_metacarpal)


def _split_side(tokens: list[str]) -> tuple[str, list[str]]:
    for index, token in enumerate(tokens):
        if token in _SIDES:
            return _SIDES[token], tokens[:index] + tokens[index + 1 :]
    for index, token in enumerate(tokens):
        # leftarm, larm, lfemur: a side that is written together with a word that is known.
        for prefix in ("left", "right", "l", "r"):
            rest = token.removeprefix(prefix)
            if rest != token and (rest in _ROLES or rest in _FINGERS or rest in {"hipjoint", "fingers", "buttock"}):
                return _SIDES[prefix], [*tokens[:index], rest, *tokens[index + 1 :]]
    return "", tokens


def _finger(words: list[str], numbers: list[str]) -> str:
    for word in words:
        if word in _FINGERS:
            return _FINGERS[word]
    if len(words) == 2 and words[0] in _COUNTED and words[1] in _PHALANGES:
        return _COUNTED[words[0]]
    if "finger" in words and numbers:
        number = numbers[0]
        # Biped counts fingers from 0 and adds the number of the joint: Finger0, Finger01, Finger1, Finger11.
        is_from_one = len(words) > 1
        index = int(number[0]) - (1 if is_from_one else 0)
        return _ORDINALS[index] if 0 <= index < len(_ORDINALS) else ""
    return ""
