"""Names of secrets: header fields, parameters, members and parts whose values are not shown.

A name is split into words, as its spelling shows them: `X-Access-Key`, `accessKey` and `access_key`
have the word `key`; `keyword`, `monkey` and `author` are other words.
"""

import re
from functools import lru_cache
from urllib.parse import unquote_plus

_MAX_NAME = 256
"""How many characters of a name are read."""
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_LETTERS = re.compile(r"[a-z]+")
_SECRET_PARTS = frozenset(
    {"auth", "bearer", "hmac", "jwt", "key", "keys", "oauth", "otp", "psk", "pwd", "pwds", "sid"}
    | {"sig", "sigs", "totp"}
)
"""Words that make a name secret, wherever they stand in it."""
_SECRET_LAST_PARTS = frozenset(["pass", "sign"])
"""Words that do so at its end: `db_pass`, but not `pass_rate`."""
_OPEN_KEYS = frozenset(["foreign", "primary", "public", "sort"])
"""What stands before the word `key` where it is none to hide."""
_SECRET_PART = re.compile(
    r"password(?!less)|passwd|passphrase|passcode|passkey|credential|csrf|xsrf|jwt"
    r"|(?:access|account|api|auth|client|encryption|master|private|secret|shared|signing)keys?$"
    r"|signature|authorization|cookie(?!cutter)|secret(?!ar|e|ion)|token(?!i[sz])"
    r"|(?<!ob)(?<!pos)session(?!less)|sessid"
    r"|密码|口令|令牌|密钥|私钥|凭证|签名"
)
"""What makes a word secret, written together with others too: `accesstoken`, `JSESSIONID`."""
_JOINED = re.compile(r"password(?!less)|passwd|passphrase|apikey")
"""What makes a name secret whose words are written apart: `pass word`, `Api-Key`."""


@lru_cache(maxsize=4096)
def is_secret(name: str) -> bool:
    """Return whether the value of this name is a secret; the name may be percent-encoded."""
    if "%" in name or "+" in name:
        name = unquote_plus(name)
    name = name[:_MAX_NAME]
    folded = name.casefold()
    if _SECRET_PART.search(folded) is not None:
        return True
    # Case shows words (`accessKey`), or says nothing (`Access-KEY`, `aCcEsS_kEy`).
    by_case = [word.lower() for word in _WORD.findall(name)]
    by_separator = _LETTERS.findall(folded)
    if _has_secret_word(by_case) or _has_secret_word(by_separator):
        return True
    return _JOINED.search("".join(by_separator)) is not None


def _has_secret_word(parts: list[str]) -> bool:
    if parts and parts[-1] in _SECRET_LAST_PARTS:
        return True
    before = ""
    for word in parts:
        if word in _SECRET_PARTS and not (word in ("key", "keys") and before in _OPEN_KEYS):
            return True
        before = word
    return False
