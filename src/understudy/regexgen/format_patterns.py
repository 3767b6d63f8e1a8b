"""String formats as patterns of ECMA-262, for what a schema requires of a string beside its format.

For a format that the validators assert (`date`, `date-time`, `uuid`), the pattern accepts exactly
that format; but of leap seconds only the one in UTC. For the others, it accepts the usual strings.

Source: RFC 3339 (dates and times), RFC 9562 (UUIDs), RFC 5321 (mail), RFC 3986 (URIs), RFC 4648
(base64), RFC 6901 (JSON pointers), ISO 8601 (durations).
"""

_YEAR_MONTH_DAY = (
    r"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))"
    r"|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
)
_HOUR_MINUTE = r"(?:[01]\d|2[0-3]):[0-5]\d"
_TIME_WITH_ZONE = (
    rf"(?:{_HOUR_MINUTE}:[0-5]\d(?:\.\d+)?(?:[Zz]|[-+]{_HOUR_MINUTE})|23:59:60(?:\.\d+)?[Zz])"
)
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,20}[A-Za-z0-9])?"
_HOST = rf"(?:{_LABEL}\.)+[A-Za-z]{{2,12}}"
_PATH = "(?:/[A-Za-z0-9._~-]+)*/?"
_QUERY_AND_FRAGMENT = r"(?:\?[A-Za-z0-9=&_-]+)?(?:#[A-Za-z0-9_-]+)?"
_URI = (
    rf"[a-z][a-z0-9+]{{1,8}}://{_HOST}(?::[1-9]\d{{1,3}})?{_PATH}{_QUERY_AND_FRAGMENT}"
    r"|urn:[a-z]{2,8}:[A-Za-z0-9:._-]+"
)
_REFERENCE = rf"{_URI}|/?[A-Za-z0-9._~-]+{_PATH}{_QUERY_AND_FRAGMENT}"
_MAIL = rf"[A-Za-z0-9_]+(?:[.+-][A-Za-z0-9_]+)*@{_HOST}"
_OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_HEX = "[0-9A-Fa-f]{1,4}"
_DAYS = r"(?:\d+D|\d+M(?:\d+D)?|\d+Y(?:\d+M(?:\d+D)?)?)"
_HOURS = r"T(?:\d+S|\d+M(?:\d+S)?|\d+H(?:\d+M(?:\d+S)?)?)"
_POINTER = "(?:/(?:[A-Za-z0-9_.-]|~[01])*)*"
# The last character before the padding has zero bits at its end, as canonical base64 does.
_BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?"
_PATTERNS = {
    "date": _YEAR_MONTH_DAY,
    "date-time": f"{_YEAR_MONTH_DAY}[Tt]{_TIME_WITH_ZONE}",
    "uuid": "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
    "email": _MAIL,
    "idn-email": _MAIL,
    "hostname": _HOST,
    "idn-hostname": _HOST,
    "uri": _URI,
    "iri": _URI,
    "uri-reference": _REFERENCE,
    "iri-reference": _REFERENCE,
    "uri-template": _URI,
    "ipv4": rf"{_OCTET}(?:\.{_OCTET}){{3}}",
    "ipv6": f"(?:{_HEX}:){{7}}{_HEX}|(?:{_HEX}(?::{_HEX}){{0,2}})?::(?:{_HEX}(?::{_HEX}){{0,2}})?",
    "time": _TIME_WITH_ZONE,
    "duration": rf"P(?:\d+W|{_DAYS}(?:{_HOURS})?|{_HOURS})",
    "byte": _BASE64,
    "json-pointer": _POINTER,
    "relative-json-pointer": rf"(?:0|[1-9]\d*)(?:#|{_POINTER})",
}

FORMAT_PATTERNS = {name: f"^(?:{pattern})$" for name, pattern in _PATTERNS.items()}
"""By the name of the format, a pattern for the whole string."""
