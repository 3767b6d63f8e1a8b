"""The contract: an OpenAPI document, loaded and compiled. Routes, decodes, judges, renders, samples."""

from understudy.contract.corrupt import Corruption, corrupt, corruption_kinds, corruptions, find_corruption
from understudy.contract.corrupt_target import sample_response
from understudy.contract.corrupt_values import Mutation
from understudy.contract.edges import EdgeCase, edge_cases
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
from understudy.contract.sample import sample, sample_body, sample_fields
from understudy.contract.validator import BACKENDS, SchemaError, Validator, compile_validator
from understudy.contract.violation import Violation

__all__ = [
    "BACKENDS",
    "Contract",
    "Corruption",
    "Decoded",
    "EdgeCase",
    "Match",
    "Mutation",
    "NoMethod",
    "NoPath",
    "Operation",
    "Parameter",
    "ResponseSpec",
    "SchemaError",
    "Validator",
    "Violation",
    "compile_validator",
    "corrupt",
    "corruption_kinds",
    "corruptions",
    "edge_cases",
    "find_corruption",
    "load_contract",
    "render",
    "sample",
    "sample_body",
    "sample_fields",
    "sample_response",
]
