"""How strongly each term of a loss pulls at the trunk: one may be there and teach nothing."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

FAINT = 0.01  # of the strongest term's gradient


def norms(losses: Mapping[str, Tensor], trunk: nn.Module) -> dict[str, float]:
    """Length of each term's gradient with respect to the trunk's parameters.

    The graph stays as it is, for the step itself.
    """
    learning = [parameter for parameter in trunk.parameters() if parameter.requires_grad]
    return {name: _norm(term, learning) for name, term in losses.items()}


def faint(measured: Mapping[str, float]) -> dict[str, float]:
    """Terms below 1 % of the strongest, as shares of it. What is switched off, or met, is none."""
    strongest = max(measured.values(), default=0.0)
    return {
        name: norm / strongest for name, norm in measured.items() if 0 < norm < FAINT * strongest
    }


def _norm(term: Tensor, parameters: list[nn.Parameter]) -> float:
    if not term.requires_grad:
        return 0.0
    found = torch.autograd.grad(term, parameters, retain_graph=True, allow_unused=True)
    lengths = [gradient.float().norm() for gradient in found if gradient is not None]
    return float(torch.stack(lengths).norm()) if lengths else 0.0
