"""Operations from the facts of a section: one for each endpoint in it."""

from __future__ import annotations

from collections.abc import Iterator

from understudy.derive.facts.facts import Operation, Sample
from understudy.derive.lexicon.labels import strip_number
from understudy.derive.markdown.blocks import Heading
from understudy.derive.markdown.endpoints import Endpoint, is_path_template
from understudy.derive.markdown.sections import LabelledLine
from understudy.derive.reader.example_reader import ExampleReader
from understudy.derive.reader.inference import infer_from_examples
from understudy.derive.reader.section_facts import SectionFacts


def build_operations(facts: SectionFacts, examples: ExampleReader) -> Iterator[Operation]:
    """Yield an operation for each endpoint of a section, with its examples.

    All operations of a section share its tables, description and permission. An endpoint whose path
    is not a URL template is left out; the reader of the section has reported it.
    """
    endpoints = [
        (item, endpoint)
        for item, endpoint in facts.section.endpoints
        if is_path_template(endpoint.path)
    ]
    are_several = len(endpoints) > 1
    operations = [
        _build_operation(facts, item, endpoint, are_several=are_several)
        for item, endpoint in endpoints
    ]
    for operation in operations:
        with_examples = examples.add_examples_to(operation, operations)
        yield infer_from_examples(with_examples, facts.report)


def _build_operation(
    facts: SectionFacts, item: LabelledLine, endpoint: Endpoint, *, are_several: bool
) -> Operation:
    """Build the operation of one endpoint from what its section states."""
    section = facts.section
    origin = facts.origin(item.number)
    title = _make_title(facts, item, are_several=are_several)
    group = _find_group(section.parent_headings)
    return Operation(
        method=endpoint.method,
        path=endpoint.path,
        origin=origin,
        title=title or f"{endpoint.method} {endpoint.path}",
        title_origin=facts.origin(section.line) if section.title else origin,
        section=section.number,
        tag=strip_number(group.content.text) if group else "",
        tag_origin=facts.origin(group.content.line) if group else None,
        description="\n".join(facts.description),
        permission=facts.permission,
        requests=tuple(facts.requests),
        response=facts.response,
        samples=tuple(_read_path_query(endpoint.query, facts, item)),
        is_listed=item.is_listed,
    )


def _make_title(facts: SectionFacts, item: LabelledLine, *, are_several: bool) -> str:
    """Return the section's title and the endpoint's own.

    An endpoint of a list has its own title alone.
    """
    own_title = item.title
    if not own_title and are_several and item.label is None:
        own_title = item.head
    if own_title and item.is_listed:
        return own_title
    titles = filter(None, (facts.section.title, own_title))
    return " ".join(titles)


def _read_path_query(query: str, facts: SectionFacts, item: LabelledLine) -> Iterator[Sample]:
    """Yield the parameters in the query of a documented path: `GET /a?page=1`."""
    origin = facts.origin(item.number)
    for pair in query.split("&"):
        if pair:
            name, _, value = pair.partition("=")
            yield Sample(name, value, origin, is_in_path=True)


def _find_group(parents: tuple[Heading, ...]) -> Heading | None:
    """Return the heading that groups operations: the nearest parent, except the page's title."""
    if not parents:
        return None
    nearest = parents[-1]
    # The page's title is the only parent, and of the highest level.
    if len(parents) == 1 and nearest.level == 1:
        return None
    return nearest
