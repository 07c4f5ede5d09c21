"""Masks: identifiers and names as lists show them until somebody asks for them in full."""

from __future__ import annotations


def masked(kind: str, value: str) -> str:
    """An identifier of which one can recognise the own, but not read a stranger's."""
    if kind == "email":
        name, _, domain = value.partition("@")
        return f"{name[:1]}***@{domain}"
    if kind == "phone":
        return f"{value[:2]}*****{value[-4:]}"
    if kind == "address":
        return f"***{value[value.find(' ') :]}" if " " in value else "***"
    return f"{value[:6]}***" if len(value) > 9 else "***"


def masked_touch(touch_id: str) -> str:
    """A touch's id; that of a web event holds the cookie."""
    feed, _, row = touch_id.partition(":")
    cookie, _, at = row.rpartition(":")
    return f"{feed}:{masked('cookie', cookie)}:{at}" if feed == "ga4" else touch_id


def masked_name(name: str) -> str:
    """Initials of a person's name."""
    return " ".join(f"{part[:1].upper()}." for part in name.split())
