"""What a head remembers of the true past, before some positions of a recording.

Shape letters: P positions, N frames of a prediction, V columns that are modelled.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from transflower.models.heads import Head
from transflower.nn.state import State


def true_states(
    head: Head,
    target: Float[Tensor, "1 P N V"],
    context: Float[Tensor, "1 P _ _"],
    previous: Float[Tensor, "1 P V"] | None,
    wanted: Sequence[int],
) -> State:
    """The state before each wanted position, in ascending order, as rows of a batch; None for heads without one.

    Where the state depends on so many positions alone, all are made at once; else one follows from the other.
    """

    def after(rows: Tensor, state: State) -> State:
        last = None if previous is None else previous[0, rows]
        return head.log_prob(target[0, rows], context[0, rows], last, state)[1]

    state, order = head.init_state(1), head.state_positions
    if state is None:
        return None
    before: list[dict[str, Tensor]] = []
    done = 0
    for index in wanted:
        if order is not None and index >= order:
            break
        if index > done:
            state, done = after(torch.arange(done, index, device=target.device)[None], state), index
        assert state is not None
        before.append(state)
    far = torch.tensor(wanted[len(before) :], dtype=torch.long, device=target.device)
    if order is not None and len(far):
        found = after(far[:, None] - order + torch.arange(order, device=far.device), head.init_state(len(far)))
        assert found is not None
        before.append(found)
    return {name: torch.cat([one[name] for one in before]) for name in before[0]}
