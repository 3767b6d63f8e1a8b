"""Classes of characters, and the characters that represent each of them in generated strings.

A small class is listed in full. Of a large one (`.`, `\\p{L}`), a few characters of each kind stand
for all.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

_PRINTABLE_ASCII = "".join(chr(code) for code in range(32, 127))
POOL = _PRINTABLE_ASCII + "\t\n\r\x00é\u0301ßджλ中文한あ😀אع\u2028\ufeff"
"""The characters that represent a large class: some of each kind."""
_MAX_LISTED = 256
"""How many characters of one range are listed."""
_MANY_RANGES = 16
"""A class of more ranges than this shares `_MAX_LISTED` characters between them."""
_SURROGATES = range(0xD800, 0xE000)
_CODE_POINTS = 0x110000


class UnsolvedError(Exception):
    """The pattern needs something that the generator does not support, or too many states."""


class Category(Enum):
    r"""A class that a pattern names: `\d`, `\s`, `\w`, or the complement of one. ASCII only."""

    DIGIT = "0123456789"
    SPACE = " \t\n\r\f\v"
    WORD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
    NOT_DIGIT = "not a digit"
    NOT_SPACE = "not a space"
    NOT_WORD = "not a word character"


_COMPLEMENTS = {
    Category.NOT_DIGIT: Category.DIGIT,
    Category.NOT_SPACE: Category.SPACE,
    Category.NOT_WORD: Category.WORD,
}


@dataclass(frozen=True, slots=True)
class CharacterClass:
    """One character of a class, such as `[a-z\\d]`, `.` or a literal.

    Two classes of the same entries are equal.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    """First and last code point of each range; a single character is a range of one."""
    categories: tuple[Category, ...] = ()
    negated: bool = False
    """Whether the class has every character except these."""

    @property
    def size(self) -> int:
        """How many entries the class has, a negation included."""
        return len(self.ranges) + len(self.categories) + self.negated

    @property
    def is_wide(self) -> bool:
        """Whether the class excludes characters, so that nearly all others belong to it."""
        return self.negated or any(category in _COMPLEMENTS for category in self.categories)


ANY_CHARACTER = CharacterClass(negated=True)
"""The class of all characters: it excludes none."""
WORD_CLASS = CharacterClass(categories=(Category.WORD,))
_LINE_ENDS = (0x0A, 0x0D, 0x2028, 0x2029)
_DOT = CharacterClass(tuple((code, code) for code in _LINE_ENDS), negated=True)
"""What `ecma_patterns` translates `.` to."""
_DISPUTED_LINE_ENDS = frozenset(_LINE_ENDS[1:])
"""To ECMA-262 these end a line, so `.` does not match them; some validators let it."""


def literal(code: int) -> CharacterClass:
    """Return the class of one character.

    Raises UnsolvedError for a surrogate, which no JSON string can hold on its own.
    """
    decode_character(code)
    return CharacterClass(((code, code),))


def decode_character(code: int) -> str:
    """Return the character of a code point. Raises UnsolvedError for a surrogate."""
    if code in _SURROGATES:
        raise UnsolvedError
    return chr(code)


def list_letters(character_class: CharacterClass) -> str:
    """Return the characters that represent a class, the simplest first."""
    representatives = pick_representatives([character_class])
    return "".join(filter_letters(character_class, representatives))


def pick_representatives(classes: Sequence[CharacterClass]) -> list[str]:
    """Return characters that represent some classes together, the simplest first.

    The classes cut the set of all characters into parts: each part that has characters has some
    among the result.
    """
    codes = {ord(letter) for letter in POOL}
    if _DOT in classes:
        codes -= _DISPUTED_LINE_ENDS
    for character_class in classes:
        if character_class != _DOT:
            codes.update(_list_codes(character_class))
    letters = [chr(code) for code in codes if code < _CODE_POINTS and code not in _SURROGATES]
    return sorted(letters, key=_simplicity)


def filter_letters(character_class: CharacterClass, letters: Sequence[str]) -> list[str]:
    """Return those of some characters that belong to a class, in their order."""
    codes = sorted(map(ord, letters))
    members: set[int] = set()
    for first, last in character_class.ranges:
        members.update(codes[bisect_left(codes, first) : bisect_right(codes, last)])
    for category in character_class.categories:
        if category in _COMPLEMENTS:
            excluded = _COMPLEMENTS[category].value
            members.update(code for code in codes if chr(code) not in excluded)
        else:
            members.update(map(ord, category.value))
    return [letter for letter in letters if (ord(letter) in members) is not character_class.negated]


def divide_characters(
    classes: Sequence[CharacterClass],
) -> tuple[tuple[str, ...], dict[CharacterClass, frozenset[int]]]:
    """Divide all characters into kinds: two of one kind belong to the same of the classes.

    Returns the characters that represent each kind, and for each class the numbers of its kinds.
    """
    letters = pick_representatives(classes)
    members = [frozenset(filter_letters(character_class, letters)) for character_class in classes]
    kinds: dict[tuple[bool, ...], list[str]] = {}
    for letter in letters:
        signature = tuple(letter in some for some in members)
        kinds.setdefault(signature, []).append(letter)
    kinds_of_class: dict[CharacterClass, frozenset[int]] = {}
    for index, character_class in enumerate(classes):
        numbers = [kind for kind, signature in enumerate(kinds) if signature[index]]
        kinds_of_class[character_class] = frozenset(numbers)
    return tuple(map("".join, kinds.values())), kinds_of_class


def _list_codes(character_class: CharacterClass) -> Iterator[int]:
    """Yield code points of a class, and the one after each range: another part begins there."""
    limit = _MAX_LISTED
    # `\p{L}` has hundreds of ranges: a few characters of each are enough.
    if character_class.size > _MANY_RANGES:
        limit = max(1, _MAX_LISTED // character_class.size)
    for first, last in character_class.ranges:
        yield from range(first, min(last, first + limit) + 1)
        yield last + 1
    for category in character_class.categories:
        if category not in _COMPLEMENTS:
            yield from map(ord, category.value)


def _simplicity(letter: str) -> tuple[bool, bool, str]:
    """Return a sort key: ASCII letters and digits first, then what can be printed."""
    is_alphanumeric = letter.isascii() and letter.isalnum()
    return (not is_alphanumeric, not letter.isprintable(), letter)
