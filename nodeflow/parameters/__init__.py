"""Parameters: how a node declares what can be set, and what a value of each kind may be."""

from nodeflow.parameters.columns import Column, Columns, family, is_family
from nodeflow.parameters.declared import Declared, Record, parameter
from nodeflow.parameters.kinds import (
    MISSING,
    Expression,
    Fault,
    Kind,
    Parameter,
    ParameterInfo,
    object_schema,
)
from nodeflow.parameters.special import Code, Colour, Host, InputPath, OutputPath, Secret, Seed

__all__ = [
    "MISSING",
    "Code",
    "Colour",
    "Column",
    "Columns",
    "Declared",
    "Expression",
    "Fault",
    "Host",
    "InputPath",
    "Kind",
    "OutputPath",
    "Parameter",
    "ParameterInfo",
    "Record",
    "Secret",
    "Seed",
    "family",
    "is_family",
    "object_schema",
    "parameter",
]
