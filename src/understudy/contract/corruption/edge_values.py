"""Values at the edges of numbers, texts and times, each with a name and a description.

The names are those of the edge classes, which the strategies, the responses at the edge and the
corpora share.
"""

from collections.abc import Mapping

# Limits of the types that clients usually have. JavaScript has doubles only, which hold each
# integer up to 2^53. Source: ECMA-262, Number.MAX_SAFE_INTEGER.
INTEGERS: Mapping[str, tuple[int, str]] = {
    "integer-zero": (0, "the number 0"),
    "integer-minus-one": (-1, "the number -1, a common code for none"),
    "integer-int32-min": (-(2**31), "the least number of 32 bits"),
    "integer-int32-max": (2**31 - 1, "the greatest number of 32 bits"),
    "integer-2^53-minus-one": (
        2**53 - 1,
        "the greatest integer up to which a double holds every integer",
    ),
    "integer-2^53": (2**53, "the first integer that equals its successor in a double"),
    "integer-2^53-plus-one": (
        2**53 + 1,
        "an integer that a double cannot hold: JavaScript parses another one",
    ),
    "integer-int64-min": (-(2**63), "the least number of 64 bits"),
    "integer-int64-max": (2**63 - 1, "the greatest number of 64 bits"),
}
"""The integer of each class, with its description."""

# Texts that break layouts, encodings and terminals. The control characters include an escape
# sequence, which changes the colour of a terminal that prints it.
TEXTS: Mapping[str, tuple[str, str]] = {
    "text-empty": ("", "an empty text"),
    "text-long": (
        "long " * 2000,
        "a text of 10 000 characters, or of as many as the schema allows",
    ),
    "text-cjk": ("重启集群一区", "Chinese, Japanese or Korean characters"),
    "text-emoji": (
        "👩‍👩‍👧‍👦🚀🏳️‍🌈",
        "characters outside of the basic plane, several to one symbol",
    ),
    "text-rtl": ("עדכון אשכול تحديث", "a text that is written from right to left"),
    "text-combining": ("Ä́ó̧ Z̷̢a̶l̸g̴o̶", "letters with combining marks"),
    "text-control": ("a\x00b\x07c\x1b[31md\x7f", "control characters: a null, a bell, an escape"),
    "text-newline": (
        "first\r\nsecond\nthird\u2028fourth\n",
        "several kinds of line breaks, one at the end",
    ),
}
"""The text of each class, with its description."""
SHORT_TEXTS: Mapping[str, str] = {
    "text-long": "long " * 2000,
    "text-cjk": "重",
    "text-emoji": "🚀",
    "text-rtl": "ש",
    "text-combining": "\u0301",
    "text-control": "\x00",
    "text-newline": "\n",
}
"""The value of a text class where the schema has no room for the usual one.

It is one character, or for `text-long` a text to cut.
"""
_FRACTION = "123456789"
# RFC 3339, section 5.6, sets no limit to the digits of a fraction; many clients accept 3 or 6 only.
_FRACTIONS = {
    f"time-{digits}-digits": (
        f"2021-08-25T15:09:31{'.' if digits else ''}{_FRACTION[:digits]}+08:00",
        f"a time whose seconds have {digits} digits after the point",
    )
    for digits in range(10)
}
TIMES: Mapping[str, tuple[str, str]] = {
    **_FRACTIONS,
    "time-offset-z": ("2021-08-25T15:09:31Z", "a time whose offset is written Z"),
    "time-offset-utc": ("2021-08-25T15:09:31+00:00", "a time whose offset is written +00:00"),
    "time-offset-east": ("2021-08-25T15:09:31+14:00", "a time of the easternmost zone"),
    "time-offset-west": ("2021-08-25T15:09:31-12:00", "a time of the westernmost zone"),
    "time-offset-quarter": (
        "2021-08-25T15:09:31+05:45",
        "a time of a zone that is off by quarters of an hour",
    ),
    "time-leap-day": ("2020-02-29T23:59:59+08:00", "the 29th of February"),
    "time-year-1": ("0001-01-01T00:00:00Z", "the first year"),
    "time-year-9999": ("9999-12-31T23:59:59Z", "the last year of four digits"),
}
"""The time of each class (RFC 3339), with its description. The offsets are those in use."""
DATES: Mapping[str, tuple[str, str]] = {
    "date-leap-day": ("2020-02-29", "the 29th of February"),
    "date-year-1": ("0001-01-01", "the first day of the first year"),
    "date-year-9999": ("9999-12-31", "the last day of the last year of four digits"),
}
"""The date of each class (RFC 3339), with its description."""
# Source: RFC 9562, sections 5.9 and 5.10: the nil UUID and the max UUID.
UUIDS: Mapping[str, tuple[str, str]] = {
    "uuid-nil": (
        "00000000-0000-0000-0000-000000000000",
        "the UUID of zeros, a common code for none",
    ),
    "uuid-maximum": ("ffffffff-ffff-ffff-ffff-ffffffffffff", "the greatest UUID"),
}
"""The UUID of each class, with its description."""
LISTS: Mapping[str, str] = {
    "list-empty": "an empty list",
    "list-one": "a list of one item",
    "list-maximum": "a list of very many items",
}
"""The description of each class of lists; how many items the longest has depends on the schema."""
