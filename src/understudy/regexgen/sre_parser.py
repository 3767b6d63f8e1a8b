"""Parses patterns, with the private parser of Python's own `re`.

This is the only module that uses private standard library.

The standard library has no public parser of regular expressions: `sre_parse` was one by custom, and
is `re._parser` since Python 3.11. The alternatives are a second grammar of our own, which could
disagree with `re` about a pattern, or a dependency for one feature. What is used here is small
(`parse`, and the names of the operators), has been the same since Python 3.11, and is held by
`tests/unit/regexgen`: each construct of a pattern has a case there. Nothing of the private modules
leaves this one: the result is a tree of `pattern_ast`.
"""

import re._constants as ops  # type: ignore[import-not-found]  # typeshed leaves it out
import re._parser as sre  # type: ignore[import-not-found]
from collections.abc import Iterable, Sequence
from itertools import product
from math import prod
from typing import Any

from understudy.regexgen.char_classes import (
    WORD_CLASS,
    Category,
    CharacterClass,
    UnsolvedError,
    decode_character,
    list_letters,
    literal,
)
from understudy.regexgen.ecma_patterns import translate
from understudy.regexgen.pattern_ast import (
    Alternation,
    Anchor,
    Concatenation,
    Lookaround,
    Node,
    Repetition,
    has_lookaround,
    width_range,
)

Parsed = Any
"""An entry of what `re` parses: a pair of an operator and its argument, neither of which has a
type.
"""
Groups = dict[int, Node]
"""By number, the string that a group stands for, where a later part of the pattern refers back to
it.
"""

_MAX_STRINGS = 64
"""How many strings a group may match that is referred back to."""
_CATEGORIES = {
    ops.CATEGORY_DIGIT: Category.DIGIT,
    ops.CATEGORY_SPACE: Category.SPACE,
    ops.CATEGORY_WORD: Category.WORD,
    ops.CATEGORY_NOT_DIGIT: Category.NOT_DIGIT,
    ops.CATEGORY_NOT_SPACE: Category.NOT_SPACE,
    ops.CATEGORY_NOT_WORD: Category.NOT_WORD,
}


def parse_pattern(pattern: str) -> Node | None:
    """Return the tree of an ECMA-262 pattern; None when Python's `re` cannot express it.

    Raises UnsolvedError when the pattern has a construct that no tree can be built for.
    """
    python_pattern = translate(pattern)
    if python_pattern is None:
        return None
    return _convert_all(list(sre.parse(python_pattern)), {})


def _convert_all(entries: Sequence[Parsed], groups: Groups) -> Node:
    """Return the tree of entries one after the other.

    A group that a later entry refers back to is expanded to its strings: the same string has to
    occur again, which no class of characters can express.
    """
    nodes: list[Node] = []
    for index, entry in enumerate(entries):
        match entry:
            case (ops.SUBPATTERN, (int(number), 0, 0, group)) if _refers_to(
                entries[index + 1 :], number
            ):
                rest = entries[index + 1 :]
                return Concatenation((*nodes, _expand_group(number, group, rest, groups)))
            case _:
                nodes.append(_convert(entry, groups))
    if len(nodes) == 1:
        return nodes[0]
    return Concatenation(tuple(nodes))


def _expand_group(number: int, group: Parsed, rest: Sequence[Parsed], groups: Groups) -> Node:
    """Return one alternative for each string of a group, with the rest that refers back to it."""
    alternatives: list[Node] = []
    for string in _list_strings(list(group)):
        node = Concatenation(tuple(literal(ord(letter)) for letter in string))
        continuation = _convert_all(rest, groups | {number: node})
        alternatives.append(Concatenation((node, continuation)))
    return Alternation(tuple(alternatives))


def _convert(entry: Parsed, groups: Groups) -> Node:
    """Return the tree of one entry."""
    match entry:
        case (ops.BRANCH, (_, branches)):
            return Alternation(tuple(_convert_all(list(branch), groups) for branch in branches))
        case (ops.SUBPATTERN, (_, 0, 0, group)):
            return _convert_all(list(group), groups)
        case (ops.MAX_REPEAT | ops.MIN_REPEAT, (min_count, max_count, group)):
            limit = None if max_count is ops.MAXREPEAT else int(max_count)
            return _repeat(_convert_all(list(group), groups), int(min_count), limit)
        case (ops.ASSERT | ops.ASSERT_NOT as op, (direction, group)):
            condition = _convert_all(list(group), groups)
            return Lookaround(condition, negated=op is ops.ASSERT_NOT, behind=direction < 0)
        case (ops.GROUPREF, number) if number in groups:
            return groups[number]
        case (ops.FAILURE, _):
            return Alternation(())
        case (ops.AT, place):
            return _convert_anchor(place)
    return _convert_class(entry)


def _convert_class(entry: Parsed) -> CharacterClass:
    """Return the class that one entry matches a character of."""
    match entry:
        case (ops.LITERAL, code):
            return literal(code)
        case (ops.NOT_LITERAL, code):
            return CharacterClass(((code, code),), negated=True)
        case (ops.IN, members):
            return _convert_members(members)
    raise UnsolvedError


def _convert_members(members: Iterable[tuple[Parsed, Parsed]]) -> CharacterClass:
    """Return the class of what is between square brackets."""
    ranges: list[tuple[int, int]] = []
    categories: list[Category] = []
    negated = False
    for op, argument in members:
        match op:
            case ops.NEGATE:
                negated = True
            case ops.LITERAL:
                ranges.append((argument, argument))
            case ops.RANGE:
                ranges.append(argument)
            case _:
                categories.append(_CATEGORIES[argument])
    return CharacterClass(tuple(ranges), tuple(categories), negated)


def _convert_anchor(place: Parsed) -> Node:
    """Return an anchor; for `\\b`, the two ways to have a word character on one side only."""
    if place in (ops.AT_BEGINNING, ops.AT_BEGINNING_STRING):
        return Anchor(at_start=True)
    if place is ops.AT_END_STRING:
        return Anchor(at_start=False)
    if place is not ops.AT_BOUNDARY:
        raise UnsolvedError
    ends = (
        Lookaround(WORD_CLASS, negated=False, behind=True),
        Lookaround(WORD_CLASS, negated=True),
    )
    begins = (
        Lookaround(WORD_CLASS, negated=True, behind=True),
        Lookaround(WORD_CLASS, negated=False),
    )
    return Alternation((Concatenation(ends), Concatenation(begins)))


def _repeat(node: Node, min_count: int, max_count: int | None) -> Node:
    """Return a repetition in which each time consumes characters: an empty match is left out there.

    Raises UnsolvedError for a repetition of a node that may be empty and has lookarounds.
    """
    if width_range(node)[0] or (min_count, max_count) == (1, 1):
        return Repetition(node, min_count, max_count)
    if not has_lookaround(node):
        return Repetition(_without_empty(node), 0, max_count)
    if (min_count, max_count) == (0, 1):
        return Alternation((Concatenation(()), node))
    raise UnsolvedError


def _without_empty(node: Node) -> Node:
    """Return a node that matches the same strings except the empty one.

    The node has no lookarounds.
    """
    if width_range(node)[0]:
        return node
    match node:
        case Alternation(nodes):
            return Alternation(tuple(map(_without_empty, nodes)))
        case Repetition(inner, min_count, max_count):
            if max_count == 0:
                return Alternation(())
            remaining = None if max_count is None else max_count - 1
            return Concatenation((inner, Repetition(inner, max(min_count - 1, 0), remaining)))
        case Concatenation(nodes) if nodes:
            rest = Concatenation(nodes[1:])
            first_consumes = Concatenation((_without_empty(nodes[0]), rest))
            return Alternation((first_consumes, _without_empty(rest)))
    return Alternation(())


def _refers_to(parsed: Parsed, number: int) -> bool:
    """Return whether a part of a pattern refers back to a group.

    Looks at every level of the nested entries.
    """
    if isinstance(parsed, tuple) and parsed == (ops.GROUPREF, number):
        return True
    if isinstance(parsed, list | tuple | sre.SubPattern):
        return any(_refers_to(part, number) for part in parsed)
    return False


def _list_strings(entries: Sequence[Parsed]) -> list[str]:
    """Return all strings that entries match one after the other.

    Raises UnsolvedError when they are too many.
    """
    alternatives = [_strings_of(entry) for entry in entries]
    if prod(map(len, alternatives)) > _MAX_STRINGS:
        raise UnsolvedError
    return ["".join(parts) for parts in product(*alternatives)]


def _strings_of(entry: Parsed) -> list[str]:
    """Return all strings that one entry matches."""
    match entry:
        case (ops.LITERAL, code):
            return [decode_character(code)]
        case (ops.IN, members):
            character_class = _convert_members(members)
            if not character_class.is_wide:
                return list(list_letters(character_class))
        case (ops.BRANCH, (_, branches)):
            strings = [string for branch in branches for string in _list_strings(list(branch))]
            return list(dict.fromkeys(strings))
        case (ops.SUBPATTERN, (_, 0, 0, group)):
            return _list_strings(list(group))
        case (ops.MAX_REPEAT | ops.MIN_REPEAT, (min_count, max_count, group)):
            if int(max_count) <= _MAX_STRINGS:
                return _repeat_strings(list(group), int(min_count), int(max_count))
    raise UnsolvedError


def _repeat_strings(entries: list[Parsed], min_count: int, max_count: int) -> list[str]:
    """Return all strings of entries that are repeated, each once."""
    counts = range(min_count, max_count + 1)
    strings = [string for count in counts for string in _list_strings(entries * count)]
    return list(dict.fromkeys(strings))
