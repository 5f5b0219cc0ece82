"""Sources of recordings: data sets, and one's own. A new one is a file with a ``Corpus``, and a line here."""

from difflib import get_close_matches

from transflower.core.errors import OptionsError
from transflower.data.sources.aistpp import AISTPP
from transflower.data.sources.amass import AMASS
from transflower.data.sources.arrays import ARRAYS
from transflower.data.sources.bandai import BANDAI
from transflower.data.sources.beat import BEAT
from transflower.data.sources.cmu import CMU
from transflower.data.sources.corpus import Corpus
from transflower.data.sources.finedance import FINEDANCE
from transflower.data.sources.lafan1 import LAFAN1
from transflower.data.sources.motorica import MOTORICA
from transflower.data.sources.own import OWN
from transflower.data.sources.style100 import STYLE100

CORPORA: dict[str, Corpus] = {
    "aistpp": AISTPP,
    "amass": AMASS,
    "motorica": MOTORICA,
    "finedance": FINEDANCE,
    "cmu": CMU,
    "bandai": BANDAI,
    "lafan1": LAFAN1,
    "100style": STYLE100,
    "beat": BEAT,
    "arrays": ARRAYS,
    "own": OWN,
}
"""Name -> source."""


def find_corpus(name: str) -> Corpus:
    """A source.

    Raises:
        OptionsError: there is none of that name; the message offers the nearest one.
    """
    if name in CORPORA:
        return CORPORA[name]
    near = get_close_matches(name.lower(), CORPORA, n=1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    raise OptionsError(f"there is no source {name!r}{hint}; there are: {', '.join(CORPORA)}")
