"""How many random cases tests try: every day a few, in hypothesis new ones each time; where CI is set, all of them."""

import os

IS_THOROUGH = bool(os.environ.get("CI"))
_SHARE, _FEWEST = 0.3, 3


def examples(count: int) -> int:
    """Of ``count`` examples as many as are drawn in this run."""
    return count if IS_THOROUGH else max(_FEWEST, round(_SHARE * count))
