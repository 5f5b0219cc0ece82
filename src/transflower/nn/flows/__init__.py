"""Normalizing flows: one file a bijection, put together by `FlowConfig`."""

from transflower.nn.flows.bijection import Bijection, FlowShape
from transflower.nn.flows.config import FlowConfig
from transflower.nn.flows.flow import Flow

__all__ = ["Bijection", "Flow", "FlowConfig", "FlowShape"]
