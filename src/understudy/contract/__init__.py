"""The contract: an OpenAPI document, loaded and compiled. Routes, decodes, judges, renders, samples."""

from understudy.contract.load import load_contract
from understudy.contract.model import (
    Contract,
    Decoded,
    Match,
    NoMethod,
    NoPath,
    Operation,
    ResponseSpec,
)
from understudy.contract.parameters import Parameter
from understudy.contract.render import render
from understudy.contract.sample import sample
from understudy.contract.validator import BACKENDS, SchemaError, Validator, compile_validator
from understudy.contract.violation import Violation

__all__ = [
    "BACKENDS",
    "Contract",
    "Decoded",
    "Match",
    "NoMethod",
    "NoPath",
    "Operation",
    "Parameter",
    "ResponseSpec",
    "SchemaError",
    "Validator",
    "Violation",
    "compile_validator",
    "load_contract",
    "render",
    "sample",
]
