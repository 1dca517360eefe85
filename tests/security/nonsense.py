"""What nobody would type."""

NASTY = {
    "nothing": "",
    "NUL": "a\x00b",
    "10 kB": "ဆ" * 10_000,
    "10,000 digits": "9" * 10_000,
    "negative": "-1",
    "infinite": "1e309",
    "no number": "NaN",
    "beyond bigint": "9" * 20,
    "10^18": str(10**18),
    "other digits": "၁２٣",
    "half a letter": "\ud800",
    "odd letters": "‮\u200b\ufeff🥔%ff%00",
    "SQL": "1'; DROP TABLE accounts_user; --",
    "operator": '{"$gt": ""}',
    "wild cards": "%_\\*.(?P<",
    "path": "../../../../etc/passwd",
    "template": "{{ settings.SECRET_KEY }}{% load x %}",
    "markup": "<script>alert(1)</script>",
    "address": "http://[::1",
    "a day": "0000-99-99",
}


def some(number: int, *, every: int = 2) -> list[tuple[str, str]]:
    """Every so many-th of the nasty values, others for the next number: all of them everywhere take too long."""
    return list(NASTY.items())[number % every :: every]
