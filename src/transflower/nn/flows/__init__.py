"""Normalizing flows: one file a family of bijections, put together by `FlowConfig`.

A further norm, linear map or base distribution is a file here, or a class in `norms`, `linears` or
`base_distributions`; importing it below registers it.
"""

from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.config import FlowConfig
from transflower.nn.flows.flow import Flow

__all__ = ["Bijection", "Flow", "FlowConfig", "FlowShape"]
