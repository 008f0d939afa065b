"""What identifies somebody on a network: e-mail addresses, pages of users, IP addresses."""

import re
from collections.abc import Iterator

from chatforge.dialogues.privacy.found import Found
from chatforge.dialogues.privacy.words import word_set

_MAIL = re.compile(r"@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_LOCAL = re.compile(r"[\w+](?:[\w.+-]{0,62}[\w+-])?\Z")
LONGEST_LOCAL = 64
"""Characters before the @ (RFC 5321)."""

_NETWORKS = (
    "facebook|instagram|twitter|x|linkedin|github|tiktok|youtube|pinterest|snapchat|reddit|xing|threads|vk|medium"
)
_WEB = re.compile(
    rf"(?:https?://|\bwww\.|\b(?:{_NETWORKS})\.(?:com|me|net|org)/)[^\s<>\"'“”|]{{2,2000}}", re.IGNORECASE
)
_NETWORK = re.compile(
    rf"(?:https?://)?(?:[\w-]{{1,30}}\.)?(?:{_NETWORKS})\.(?:com|me|net|org)/([^/?#]{{2,}})", re.IGNORECASE
)
_NETWORK_PAGES = word_set("about help login signup terms privacy search explore home settings legal support")
_USER_PART = re.compile(
    r"/(?:users?|profiles?|members?|people|person|u|in|patients?|customers?|clients?|accounts?|authors?|nutzer|benutzer|"
    r"kunden|mitglieder|patienten|profil)/[\w.%+~-]*[a-z0-9]"
    r"|/[~@][\w.-]{2}"
    r"|[?&;](?:user(?:name|_?id)?|e?mail|login|name|account|member|customer|patient|kunde)=[^&\s#]"
    r"|//[^/@\s:]{1,80}(?::[^/@\s]{0,80})?@",
    re.IGNORECASE,
)

_V4 = re.compile(r"[0-9](?<![\w.][0-9])[0-9]{0,2}(?:\.[0-9]{1,3}){3}(?!\w|\.[0-9])")
_V6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_VERSION = re.compile(
    r"(?:version|firmware|build|release|update|software|driver|app|section|chapter|\bv)\W{0,3}\Z", re.IGNORECASE
)


def emails(text: str) -> Iterator[Found]:
    """Find e-mail addresses."""
    for match in _MAIL.finditer(text):
        local = _LOCAL.search(text, max(0, match.start() - LONGEST_LOCAL), match.start())
        if local:
            written = text[local.start() : match.end()].rstrip("-_")
            yield Found("email", local.start(), local.start() + len(written), written, "an @ and a domain")


def user_pages(text: str) -> Iterator[Found]:
    """Find web addresses that name a user."""
    if "/" not in text or not ("://" in text or "www." in text or ".com/" in text or ".me/" in text):
        return
    for match in _WEB.finditer(text):
        url = match[0].rstrip(".,;:!?)]}")
        network = _NETWORK.match(url)
        if _USER_PART.search(url) or (network and network[1].casefold() not in _NETWORK_PAGES):
            yield Found("url", match.start(), match.start() + len(url), url, "a page of a user")


def ip_addresses(text: str) -> Iterator[Found]:
    """Find IPv4 and IPv6 addresses; the numbers of versions are none."""
    for match in _V4.finditer(text):
        version = _VERSION.search(text, max(0, match.start() - 20), match.start())
        if not version and all(int(part) < 256 for part in match[0].split(".")):
            yield Found("ip", match.start(), match.end(), match[0], "four numbers up to 255")
    if "::" in text or text.count(":") > 6:
        for match in _V6.finditer(text):
            if _is_v6(match[0]):
                yield Found("ip", match.start(), match.end(), match[0], "an IPv6 address")


def _is_v6(text: str) -> bool:
    groups = text.split(":")
    whole = len(groups) == 8 and all(groups)
    short = text.count("::") == 1 and ":::" not in text
    return (whole or short) and any(character.isdigit() for character in text) and len(text) > 5
