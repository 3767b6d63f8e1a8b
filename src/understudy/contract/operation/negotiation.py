"""Negotiation: which media type of a documented response a client gets.

Source: RFC 9110, section 12.5.1; OpenAPI 3.1, Response Object (`content`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from understudy.contract.operation.violation import Violation
from understudy.messages import AcceptedRange, Headers, MediaType, parse_accept, parse_media_type

if TYPE_CHECKING:
    from understudy.contract.operation.compiled_contract import ResponseSpec

_CONCRETE_TYPES = {
    "text": "text/plain",
    "image": "image/png",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "font": "font/woff2",
    "multipart": "multipart/mixed",
}
"""A media type for each range (`text/*`) that is not about JSON."""
_BINARY = "application/octet-stream"
_JSON = "application/json"


def concrete_media_type(media_type: str, *, default: str = _BINARY) -> str:
    """Return a media type of a range (`text/*`); a media type without a wildcard is its own.

    `default` is what `*/*` and `application/*` stand for.
    """
    parsed = parse_media_type(media_type)
    if not parsed.is_range:
        return media_type
    if parsed.sub.startswith("*+"):
        # `application/*+json`: the plain type of the structured suffix (RFC 6838, 4.2.8).
        return f"{parsed.main}/{parsed.sub[2:]}"
    return _CONCRETE_TYPES.get(parsed.main, default)


def default_media_type(types: Iterable[str], format_name: str) -> str:
    """Return what the range `*/*` stands for: JSON, or text for a text, or binary content.

    `types` are the JSON types that the schema allows, `format_name` is its `format`.
    """
    if format_name == "binary":
        return _BINARY
    if tuple(types) == ("string",):
        return "text/plain"
    return _JSON


def choose_media_type(spec: "ResponseSpec", accept: str) -> "ResponseSpec | None":
    """Return a response with the media type that suits a client best, or None if none does.

    `accept` is the field Accept; an empty one accepts everything. The result has the schema,
    examples and `content_type` of the chosen media type. The document's order decides between
    media types of the same quality. Parameters of Accept that no media type has are ignored if
    nothing suits otherwise. A response without content suits every client.
    """
    offers = spec.alternatives or (spec,)
    ranges = parse_accept(accept)
    if not ranges or not spec.media_type:
        return _choose_default(offers)
    for with_parameters in (True, False):
        best: ResponseSpec | None = None
        best_rank = (0.0, False)
        for offer in offers:
            suited, quality = _suit(offer, ranges, with_parameters=with_parameters)
            # Of two that suit alike, a documented media type comes before a range.
            rank = quality, "*" not in offer.media_type
            if quality > 0 and rank > best_rank:
                best, best_rank = suited, rank
        if best is not None:
            return best
    return None


def _choose_default(offers: Sequence["ResponseSpec"]) -> "ResponseSpec":
    """Return what a client without Accept gets: any type (`*/*`), else JSON, else the first."""
    for name in ("*/*", _JSON):
        for offer in offers:
            if offer.media_type.lower() == name:
                return offer
    return offers[0]


def accept_of(headers: Headers) -> str:
    """Return the field Accept of a request; its lines are one list (RFC 9110, section 5.3)."""
    return ", ".join(value for name, value in headers if name.lower() == "accept")


def choose_with_example(spec: "ResponseSpec", name: str, accept: str) -> "ResponseSpec | None":
    """Return a response with a media type that has an example of a name, or None.

    It is the one that suits the client best if that has it, else the first that has it.
    """
    chosen = choose_or_first(spec, accept)
    for offer in (chosen, *spec.alternatives):
        if name in offer.examples:
            return offer
    return None


def choose_or_first(spec: "ResponseSpec", accept: str) -> "ResponseSpec":
    """Return a response with the media type that suits a client best, else with its first one.

    An error is better sent in any media type than not at all (RFC 9110, section 12.5.1).
    """
    chosen = choose_media_type(spec, accept)
    if chosen is not None:
        return chosen
    return spec.alternatives[0] if spec.alternatives else spec


def list_media_types(spec: "ResponseSpec") -> list[str]:
    """Return the media types of a response, in the document's order."""
    return [offer.media_type for offer in spec.alternatives or (spec,)]


def find_alternative(spec: "ResponseSpec", content_type: str) -> "ResponseSpec":
    """Return a response with the media type that documents a content type, else with its first."""
    sent = parse_media_type(content_type)
    offers = spec.alternatives or (spec,)
    matching = [offer for offer in offers if parse_media_type(offer.media_type).includes(sent)]
    if not matching:
        return spec
    return max(matching, key=lambda offer: _closeness(parse_media_type(offer.media_type), sent))


def _closeness(documented: MediaType, sent: MediaType) -> tuple[bool, tuple[int, int]]:
    return sent.has_parameters_of(documented), documented.specificity


def _suit(
    offer: "ResponseSpec", ranges: tuple[AcceptedRange, ...], *, with_parameters: bool
) -> tuple["ResponseSpec", float]:
    """Return an offer as a client gets it, and its quality for that client.

    The most specific range that is about the offer decides its quality.
    """
    documented = parse_media_type(offer.media_type)
    if documented.is_range:
        return _suit_range(offer, documented, ranges)
    best: AcceptedRange | None = None
    for accepted in ranges:
        wanted = accepted.media_type
        is_about = wanted.includes(documented)
        if with_parameters and not documented.has_parameters_of(wanted):
            is_about = False
        if is_about and (best is None or wanted.specificity > best.media_type.specificity):
            best = accepted
    return offer, 0.0 if best is None else best.quality


def _suit_range(
    offer: "ResponseSpec", documented: MediaType, ranges: tuple[AcceptedRange, ...]
) -> tuple["ResponseSpec", float]:
    """Return a documented range as a media type that a client accepts, with its quality."""
    concrete = parse_media_type(offer.content_type)
    excluded = [item.media_type.name for item in ranges if item.quality == 0]
    best, best_quality = offer, 0.0
    for accepted in ranges:
        wanted = accepted.media_type
        if accepted.quality <= best_quality:
            continue
        if not wanted.is_range and documented.includes(wanted):
            best, best_quality = replace(offer, content_type=wanted.name), accepted.quality
        elif wanted.includes(concrete) and concrete.name not in excluded:
            best, best_quality = offer, accepted.quality
        elif documented.includes(wanted) and wanted.main != "*" and not wanted.sub.startswith("*+"):
            name = concrete_media_type(wanted.name)
            if name not in excluded:
                best, best_quality = replace(offer, content_type=name), accepted.quality
    return best, best_quality


def not_acceptable(spec: "ResponseSpec", accept: str) -> Violation:
    """Return the violation of a request that accepts no media type of the response."""
    return Violation(
        place="header.Accept",
        rule="accept",
        value=accept,
        expected=" or ".join(list_media_types(spec)),
        pointer=spec.pointer,
        source=spec.source,
    )
