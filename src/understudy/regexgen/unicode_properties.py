r"""The properties of `\p{…}` as ranges of code points.

Names are those of ECMA-262, in its spelling. The ranges are those of the `regex` library, so that
they are the same with each version of Python and with each validator back end.

Source: ECMA-262, section 22.2.2.9 (tables of property names and of general categories).
"""

import re
import sys
from functools import lru_cache

CodeRanges = tuple[tuple[int, int], ...]
"""First and last code point of each range, in order."""

_CATEGORY_TABLE = """
Cased_Letter LC Close_Punctuation Pe Connector_Punctuation Pc Control Cc cntrl Currency_Symbol
Sc Dash_Punctuation Pd Decimal_Number Nd digit Enclosing_Mark Me Final_Punctuation Pf Format Cf
Initial_Punctuation Pi Letter L Letter_Number Nl Line_Separator Zl Lowercase_Letter Ll Mark M
Combining_Mark Math_Symbol Sm Modifier_Letter Lm Modifier_Symbol Sk Nonspacing_Mark Mn Number N
Open_Punctuation Ps Other C Other_Letter Lo Other_Number No Other_Punctuation Po Other_Symbol
So Paragraph_Separator Zp Private_Use Co Punctuation P punct Separator Z Space_Separator Zs
Spacing_Mark Mc Surrogate Cs Symbol S Titlecase_Letter Lt Unassigned Cn Uppercase_Letter Lu
"""
_CATEGORIES = frozenset(_CATEGORY_TABLE.split())
_BINARY_TABLE = """
ASCII ASCII_Hex_Digit AHex Alphabetic Alpha Any Assigned Bidi_Control Bidi_C Bidi_Mirrored
Bidi_M Case_Ignorable CI Cased Changes_When_Casefolded CWCF Changes_When_Casemapped CWCM
Changes_When_Lowercased CWL Changes_When_Titlecased CWT Changes_When_Uppercased CWU Dash
Default_Ignorable_Code_Point DI Deprecated Dep Diacritic Dia Emoji Emoji_Component EComp
Emoji_Modifier EMod Emoji_Modifier_Base EBase Emoji_Presentation EPres Extended_Pictographic
ExtPict Extender Ext Grapheme_Base Gr_Base Grapheme_Extend Gr_Ext Hex_Digit Hex
IDS_Binary_Operator IDSB IDS_Trinary_Operator IDST ID_Continue IDC ID_Start IDS Ideographic
Ideo Join_Control Join_C Logical_Order_Exception LOE Lowercase Lower Math
Noncharacter_Code_Point NChar Pattern_Syntax Pat_Syn Pattern_White_Space Pat_WS Quotation_Mark
QMark Radical Regional_Indicator RI Sentence_Terminal STerm Soft_Dotted SD Terminal_Punctuation
Term Unified_Ideograph UIdeo Uppercase Upper Variation_Selector VS White_Space space
XID_Continue XIDC XID_Start XIDS
"""
_BINARY = frozenset(_BINARY_TABLE.split())
_CATEGORY_NAMES = ("General_Category", "gc")
_SCRIPT_NAMES = ("Script", "sc", "Script_Extensions", "scx")
_SCRIPT = re.compile(r"[A-Z][a-z]+(?:_[A-Z][a-z]+)*")
_RENAMED = {
    "cntrl": "Cc",
    "digit": "Nd",
    "punct": "P",
    "Combining_Mark": "M",
    "space": "White_Space",
    "IDC": "ID_Continue",
    "VS": "Variation_Selector",
}
"""Aliases that the library reads as classes of POSIX, or as blocks of characters."""


class UnknownPropertyError(Exception):
    """ECMA-262 has no property of this name, or the library has no characters for it."""


@lru_cache(maxsize=64)
def list_property_ranges(name: str, *, negated: bool = False) -> CodeRanges:
    r"""Return the code points with the property of `\p{name}`; with `negated`, all others.

    Raises UnknownPropertyError for a name that ECMA-262 does not have.
    """
    import regex  # late: most patterns have no property, and the import takes its time

    expression = _library_name(name)
    letter = "P" if negated else "p"
    try:
        run = regex.compile(rf"\{letter}{{{expression}}}+")
    except regex.error as error:
        raise UnknownPropertyError(name) from error
    every_character = "".join(map(chr, range(sys.maxunicode + 1)))
    spans = (match.span() for match in run.finditer(every_character))
    ranges = tuple((first, end - 1) for first, end in spans)
    if not ranges:
        raise UnknownPropertyError(name)
    return ranges


def _library_name(name: str) -> str:
    """Return the name of a property as the library reads it."""
    key, has_value, value = name.partition("=")
    if not has_value:
        if key in _CATEGORIES:
            return f"gc={_RENAMED.get(key, key)}"
        if key in _BINARY:
            return _RENAMED.get(key, key)
    elif key in _CATEGORY_NAMES and value in _CATEGORIES:
        return f"gc={_RENAMED.get(value, value)}"
    elif key in _SCRIPT_NAMES and _SCRIPT.fullmatch(value):
        return name
    raise UnknownPropertyError(name)
