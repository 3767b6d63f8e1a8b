"""Readable texts for generated data: by the name of a property, and by its format.

The lists are our own and short. The libraries of fake data that we know load a plugin into every
run of pytest, change their values from release to release, and know no constraints of a schema.
"""

import random
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import Enum

from understudy.contract.document.pointers import JsonObject
from understudy.contract.scalar_samples import sample_text

_FIRST_NAMES = ("Ada", "Alan", "Barbara", "Edsger", "Grace", "Katherine", "Ming", "Yu")
_LAST_NAMES = ("Dijkstra", "Hopper", "Johnson", "Li", "Liskov", "Lovelace", "Turing", "Wang")
_CITIES = ("Berlin", "Chengdu", "Lagos", "Lima", "Osaka", "Oslo", "Shanghai", "Toronto")
_COUNTRIES = ("Brazil", "Canada", "China", "Germany", "Japan", "Nigeria", "Norway", "Peru")
_COUNTRY_CODES = ("BR", "CA", "CN", "DE", "JP", "NG", "NO", "PE")
_STREETS = ("1 Main Street", "12 Park Road", "27 River Lane", "8 Station Square")
_COMPANIES = ("Acme Ltd", "Example Corp", "Globex Inc", "Initech GmbH")
_SENTENCES = (
    "A short text that explains what this is.",
    "It was added on Monday, and it works.",
    "Please check the details before you go on.",
    "This is the first of several parts.",
)
_TITLES = ("First draft", "Monthly report", "Release notes", "Travel plan")
_TAGS = ("blue", "fast", "new", "quiet", "round", "small")

_TEXTS: Mapping[str, tuple[str, ...]] = {
    "address": _STREETS,
    "author": _LAST_NAMES,
    "body": _SENTENCES,
    "brand": _COMPANIES,
    "category": ("books", "garden", "music", "tools"),
    "city": _CITIES,
    "color": ("blue", "green", "orange", "red"),
    "colour": ("blue", "green", "orange", "red"),
    "comment": _SENTENCES,
    "company": _COMPANIES,
    "content": _SENTENCES,
    "country": _COUNTRIES,
    "country code": _COUNTRY_CODES,
    "currency": ("BRL", "CNY", "EUR", "JPY", "USD"),
    "description": _SENTENCES,
    "file name": ("notes.txt", "photo.png", "report.pdf", "table.csv"),
    "filename": ("notes.txt", "photo.png", "report.pdf", "table.csv"),
    "first name": _FIRST_NAMES,
    "gender": ("female", "male", "other"),
    "given name": _FIRST_NAMES,
    "job title": ("Editor", "Engineer", "Nurse", "Teacher"),
    "label": _TAGS,
    "language": ("de", "en", "es", "ja", "zh"),
    "last name": _LAST_NAMES,
    "family name": _LAST_NAMES,
    "firstname": _FIRST_NAMES,
    "lastname": _LAST_NAMES,
    "surname": _LAST_NAMES,
    "locale": ("de-DE", "en-US", "ja-JP", "zh-CN"),
    "message": _SENTENCES,
    "note": _SENTENCES,
    "organisation": _COMPANIES,
    "organization": _COMPANIES,
    "phone": ("+1-202-555-0107", "+1-202-555-0142", "+1-202-555-0163", "+1-202-555-0198"),
    "phone number": ("+1-202-555-0107", "+1-202-555-0142", "+1-202-555-0163"),
    "postal code": ("0150", "10115", "100-0001", "610000"),
    "postcode": ("0150", "10115", "100-0001", "610000"),
    "slug": ("first-draft", "monthly-report", "release-notes", "travel-plan"),
    "state": ("Bavaria", "California", "Ontario", "Sichuan"),
    "street": _STREETS,
    "summary": _SENTENCES,
    "tag": _TAGS,
    "text": _SENTENCES,
    "timezone": ("Asia/Shanghai", "Europe/Berlin", "UTC"),
    "title": _TITLES,
    "version": ("0.9.1", "1.0.0", "1.4.2", "2.1.0"),
    "zip": ("0150", "10115", "100-0001", "610000"),
    "zip code": ("0150", "10115", "100-0001", "610000"),
}
"""By the last one or two parts of a property's name: texts to choose from.

The phone numbers are reserved for fiction, as the domains `example.com` are (RFC 2606)."""
_FORMATS_BY_NAME = {
    "created": "date-time",
    "email": "email",
    "homepage": "uri",
    "host": "hostname",
    "hostname": "hostname",
    "href": "uri",
    "ip": "ipv4",
    "link": "uri",
    "mail": "email",
    "updated": "date-time",
    "uri": "uri",
    "url": "uri",
    "uuid": "uuid",
    "website": "uri",
}
"""By the last part of a property's name: the format that its text probably has."""
_NAME_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_MAX_NAME = 100
"""How many characters of a property's name are looked at."""
_FIRST_MOMENT = datetime(2021, 1, 1, tzinfo=UTC)
_SECONDS = 5 * 365 * 24 * 3600
"""How far apart drawn moments are at most."""


class SampleMode(Enum):
    """How texts are sampled, and whether examples are used."""

    PLAIN = "plain"
    """By the keywords of the schema alone."""
    READABLE = "readable"
    """Texts by the names of properties, where the schema allows them."""
    DYNAMIC = "dynamic"
    """As readable, but examples and defaults of schemas are not used, and formats vary."""


def sample_named_text(draws: random.Random, name: str, schema: JsonObject, mode: SampleMode) -> str:
    """Return a text that a property of this name might have, else one by the schema's keywords."""
    text: str | None = None
    if mode is SampleMode.DYNAMIC:
        text = _draw_text_of_format(draws, schema)
    if text is None and mode is not SampleMode.PLAIN:
        text = _draw_readable_text(draws, name, schema)
    return sample_text(draws, schema) if text is None else text


def _draw_readable_text(draws: random.Random, name: str, schema: JsonObject) -> str | None:
    """Return a text that a property of this name might have; None if its name says nothing.

    None also if the schema has a pattern or a format, or if the text has not the right length.
    """
    if "pattern" in schema or schema.get("format"):
        return None
    text = _draw_by_name(draws, [part.lower() for part in _NAME_PART.findall(name[:_MAX_NAME])])
    if text is None or not _has_length(text, schema):
        return None
    return text


def _draw_text_of_format(draws: random.Random, schema: JsonObject) -> str | None:
    """Return a text of the schema's format, another one for each draw.

    None for a format that is not known, beside a pattern, or if the length is not right.
    """
    if "pattern" in schema:
        return None
    text = _draw_format(draws, str(schema.get("format", "")))
    if text is None or not _has_length(text, schema):
        return None
    return text


def _draw_by_name(draws: random.Random, parts: list[str]) -> str | None:
    if not parts:
        return None
    # An array of emails has the texts of an email.
    for key in (" ".join(parts[-2:]), parts[-1], parts[-1].removesuffix("s")):
        if key in _TEXTS:
            return draws.choice(_TEXTS[key])
        if key in _FORMATS_BY_NAME:
            return _draw_format(draws, _FORMATS_BY_NAME[key])
    match parts[-1]:
        case "name" | "fullname":
            return f"{draws.choice(_FIRST_NAMES)} {draws.choice(_LAST_NAMES)}"
        case "username" | "login" | "nickname":
            return f"{draws.choice(_FIRST_NAMES).lower()}{draws.randrange(100)}"
        case _:
            return None


def _draw_format(draws: random.Random, name: str) -> str | None:
    moment = _FIRST_MOMENT + timedelta(seconds=draws.randrange(_SECONDS))
    number = draws.randrange(1, 255)
    match name:
        case "date-time":
            return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        case "date":
            return moment.strftime("%Y-%m-%d")
        case "time":
            return moment.strftime("%H:%M:%SZ")
        case "email":
            return f"{draws.choice(_FIRST_NAMES).lower()}{number}@example.com"
        case "uri":
            return f"https://example.com/{draws.choice(_TAGS)}/{number}"
        case "hostname":
            return f"{draws.choice(_TAGS)}{number}.example.com"
        # Addresses for documentation. Source: RFC 5737, section 3, and RFC 3849, section 2.
        case "ipv4":
            return f"192.0.2.{number}"
        case "ipv6":
            return f"2001:db8::{number:x}"
        case "uuid":
            return f"{draws.getrandbits(32):08x}-0000-4000-8000-{draws.getrandbits(48):012x}"
        case _:
            return None


def _has_length(text: str, schema: JsonObject) -> bool:
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    return len(text) >= shortest and (longest is None or len(text) <= longest)
