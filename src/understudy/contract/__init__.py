"""The contract: an OpenAPI document, loaded and compiled.

It routes, decodes, validates, renders, samples and corrupts messages.
"""

from typing import TYPE_CHECKING

from understudy.contract.operation.body_encoding import encode_body
from understudy.contract.operation.compiled_contract import (
    STATUSES_WITHOUT_CONTENT,
    Contract,
    Decoded,
    Match,
    NoMethod,
    NoPath,
    Operation,
    ResponseSpec,
)
from understudy.contract.operation.negotiation import (
    accept_of,
    choose_media_type,
    choose_or_first,
    choose_with_example,
    find_alternative,
    not_acceptable,
)
from understudy.contract.operation.parameter_model import Parameter
from understudy.contract.operation.path_routing import PathValues
from understudy.contract.operation.render import render
from understudy.contract.operation.violation import MAX_VIOLATIONS, Violation
from understudy.contract.schema.validator import BACKENDS, SchemaError, Validator, compile_validator
from understudy.lazy_names import import_on_first_use

if TYPE_CHECKING:
    from understudy.contract.corruption.catalogue import (
        Corruption,
        corrupt,
        corruption_kinds,
        corruptions,
        find_corruption,
    )
    from understudy.contract.corruption.edge_responses import EdgeCase, edge_cases
    from understudy.contract.corruption.mutation_subject import Mutation
    from understudy.contract.corruption.response_target import sample_response
    from understudy.contract.header_samples import sample_fields
    from understudy.contract.loading.contract_cache import load_cached_contract
    from understudy.contract.loading.contract_loader import load_contract
    from understudy.contract.media_sampling import has_content, sample_content
    from understudy.contract.sampling import sample, sample_body

# A server corrupts and samples nothing before a client asks for it, and one whose contract is in
# the cache parses none.
__getattr__ = import_on_first_use(
    __name__,
    {
        "Corruption": "corruption.catalogue",
        "EdgeCase": "corruption.edge_responses",
        "Mutation": "corruption.mutation_subject",
        "corrupt": "corruption.catalogue",
        "corruption_kinds": "corruption.catalogue",
        "corruptions": "corruption.catalogue",
        "edge_cases": "corruption.edge_responses",
        "find_corruption": "corruption.catalogue",
        "has_content": "media_sampling",
        "load_cached_contract": "loading.contract_cache",
        "load_contract": "loading.contract_loader",
        "sample": "sampling",
        "sample_body": "sampling",
        "sample_content": "media_sampling",
        "sample_fields": "header_samples",
        "sample_response": "corruption.response_target",
    },
)

__all__ = [
    "BACKENDS",
    "MAX_VIOLATIONS",
    "STATUSES_WITHOUT_CONTENT",
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
    "PathValues",
    "ResponseSpec",
    "SchemaError",
    "Validator",
    "Violation",
    "accept_of",
    "choose_media_type",
    "choose_or_first",
    "choose_with_example",
    "compile_validator",
    "corrupt",
    "corruption_kinds",
    "corruptions",
    "edge_cases",
    "encode_body",
    "find_alternative",
    "find_corruption",
    "has_content",
    "load_cached_contract",
    "load_contract",
    "not_acceptable",
    "render",
    "sample",
    "sample_body",
    "sample_content",
    "sample_fields",
    "sample_response",
]
