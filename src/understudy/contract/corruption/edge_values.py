"""What stands at the edges of numbers, texts and times: named values, each with what it is.

The names are those of the classes of edge cases, of the strategies as of a corpus.
"""

from collections.abc import Mapping

INTEGERS: Mapping[str, tuple[int, str]] = {
    "integer-zero": (0, "the number 0"),
    "integer-minus-one": (-1, "the number -1, which often stands for none"),
    "integer-int32-min": (-(2**31), "the least number of 32 bits"),
    "integer-int32-max": (2**31 - 1, "the greatest number of 32 bits"),
    "integer-2^53-minus-one": (
        2**53 - 1,
        "the greatest number that a double tells from its neighbours",
    ),
    "integer-2^53": (2**53, "the first number that a double does not tell from the next one"),
    "integer-2^53-plus-one": (
        2**53 + 1,
        "a number that a double cannot hold: JavaScript reads another one",
    ),
    "integer-int64-min": (-(2**63), "the least number of 64 bits"),
    "integer-int64-max": (2**63 - 1, "the greatest number of 64 bits"),
}
TEXTS: Mapping[str, tuple[str, str]] = {
    "text-empty": ("", "a text of no characters"),
    "text-long": (
        "long " * 2000,
        "a text of 10 000 characters, or of as many as the schema allows",
    ),
    "text-cjk": ("重启集群一区", "Chinese, Japanese or Korean characters"),
    "text-emoji": (
        "👩‍👩‍👧‍👦🚀🏳️‍🌈",
        "characters outside of the basic plane, several to one picture",
    ),
    "text-rtl": ("עדכון אשכול تحديث", "a text that is written from right to left"),
    "text-combining": ("Ä́ó̧ Z̷̢a̶l̸g̴o̶", "letters with combining marks"),
    "text-control": ("a\x00b\x07c\x1b[31md\x7f", "control characters: a null, a bell, an escape"),
    "text-newline": (
        "first\r\nsecond\nthird\u2028fourth\n",
        "several kinds of line ends, one at the end",
    ),
}
SHORT_TEXTS: Mapping[str, str] = {
    "text-long": "long " * 2000,
    "text-cjk": "重",
    "text-emoji": "🚀",
    "text-rtl": "ש",
    "text-combining": "\u0301",
    "text-control": "\x00",
    "text-newline": "\n",
}
"""What stands for a class of texts where the schema has no room for the usual one: a character, or the long one cut."""
_FRACTION = "123456789"
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
DATES: Mapping[str, tuple[str, str]] = {
    "date-leap-day": ("2020-02-29", "the 29th of February"),
    "date-year-1": ("0001-01-01", "the first day of the first year"),
    "date-year-9999": ("9999-12-31", "the last day of the last year of four digits"),
}
UUIDS: Mapping[str, tuple[str, str]] = {
    "uuid-nil": (
        "00000000-0000-0000-0000-000000000000",
        "the UUID of zeros, which often stands for none",
    ),
    "uuid-maximum": ("ffffffff-ffff-ffff-ffff-ffffffffffff", "the greatest UUID"),
}
LISTS: Mapping[str, str] = {
    "list-empty": "a list of no items",
    "list-one": "a list of one item",
    "list-maximum": "a list of very many items",
}
