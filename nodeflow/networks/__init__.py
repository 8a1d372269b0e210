"""Networks as values: their structure as JSON, and the rules that tell shapes and sizes without building them.

Plain Python throughout; no library of deep learning is imported.
"""

from nodeflow.networks.faults import NetworkError
from nodeflow.networks.rule import Shape, Weight
from nodeflow.networks.rules import RULES, rule_of
from nodeflow.networks.structure import Layer, NetworkInput, Structure

__all__ = ["RULES", "Layer", "NetworkError", "NetworkInput", "Shape", "Structure", "Weight", "rule_of"]
