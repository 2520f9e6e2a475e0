"""Values of a policy and of a request that differ in one rule only: whoever leaves it out decides otherwise."""

from __future__ import annotations

from typing import Any

from .requests import Situation

# fmt: off
# rule, operator, key, the policy's value, the request's value
PAIRS: tuple[tuple[str, str, str, Any, Any], ...] = (
    ("C-16", "StringNotEquals", "acme:Label", [], "one"),
    ("C-18", "NumericNotEquals", "s3:max-keys", ["x", "9"], "10"),
    ("C-33", "ForAllValues:StringEquals", "acme:Labels", "one", ["one", ""]),
    ("C-33", "ForAnyValue:StringEquals", "acme:Labels", "", ["one", ""]),
    ("C-41", "Null", "aws:TagKeys", "false", [""]),
    ("C-41", "Null", "acme:Label", "false", ""),
    ("C-42", "Null", "acme:Label", ["true", "false"], "x"),
    ("C-45", "Null", "acme:Label", "${aws:SecureTransport}", "x"),
    ("C-50", "StringEquals", "acme:Label", "\u00e9", "e\u0301"),
    ("C-50", "StringLike", "acme:Label", "\u00e9", "e\u0301"),
    ("C-50", "StringEquals", "acme:Label", "one ", "one"),
    ("C-51", "StringEqualsIgnoreCase", "aws:UserAgent", "stra\u00dfe", "STRASSE"),
    ("C-51", "StringEqualsIgnoreCase", "aws:UserAgent", "CURL/8", "curl/8"),
    ("C-51", "StringNotEqualsIgnoreCase", "aws:UserAgent", "CURL/8", "curl/8"),
    ("C-52", "StringLike", "aws:UserAgent", "line*", "line\nbreak"),
    ("C-52", "StringLike", "aws:UserAgent", "line?break", "line\nbreak"),
    ("C-53", "StringEquals", "acme:Label", "", ""),
    ("C-53", "StringLike", "acme:Label", "*", ""),
    ("C-55", "NumericLessThan", "s3:max-keys", "10", "10"),
    ("C-55", "NumericLessThanEquals", "s3:max-keys", "10", "10"),
    ("C-55", "NumericGreaterThan", "s3:max-keys", "10", "10"),
    ("C-55", "NumericGreaterThanEquals", "s3:max-keys", "10", "10"),
    ("C-56", "NumericEquals", "s3:max-keys", "10 ", "10"),
    ("C-56", "NumericEquals", "s3:max-keys", " 10", "10"),
    ("C-56", "NumericEquals", "s3:max-keys", "10.0", "1e1"),
    ("C-56", "NumericEquals", "s3:max-keys", "+10", "10"),
    ("C-56", "NumericEquals", "s3:max-keys", "123456789012345678901234567890.1",
     "123456789012345678901234567890.2"),
    ("C-57", "NumericEquals", "s3:max-keys", "${acme:None, '10'}", "10"),
    ("C-60", "DateEquals", "aws:TokenIssueTime", "2026-01-01T00:00z", "2026-01-01"),
    ("C-60", "DateEquals", "aws:TokenIssueTime", "2026-01", "2026-01-01T00:00:00Z"),
    ("C-60", "DateEquals", "aws:TokenIssueTime", "2026-01-01T00:00:00", "2026-01-01"),
    ("C-61", "DateEquals", "aws:TokenIssueTime", "2026-01-01T01:00+01:00", "2026-01-01T00:00:00Z"),
    ("C-62", "DateEquals", "aws:TokenIssueTime", "1767225600", "2026-01-01"),
    ("C-62", "DateEquals", "aws:TokenIssueTime", "1767225600.5", "2026-01-01T00:00:00.5Z"),
    ("C-62", "DateEquals", "aws:TokenIssueTime", "2026", "1767225600"),
    ("C-63", "DateEquals", "aws:TokenIssueTime", "${acme:None, '2026'}", "2026"),
    ("C-63", "DateLessThan", "aws:TokenIssueTime", "2026", "2026-01-01"),
    ("C-63", "DateLessThanEquals", "aws:TokenIssueTime", "2026", "2026-01-01"),
    ("C-63", "DateGreaterThan", "aws:TokenIssueTime", "2026", "2026-01-01"),
    ("C-63", "DateGreaterThanEquals", "aws:TokenIssueTime", "2026", "2026-01-01"),
    ("C-65", "Bool", "acme:Flag", "TRUE", "true"),
    ("C-65", "Bool", "acme:Flag", "false", "no"),
    ("C-66", "Bool", "acme:Flag", "${acme:None, 'true'}", "true"),
    ("C-68", "BinaryEquals", "acme:Blob", "QR==", "QQ=="),
    ("C-68", "BinaryEquals", "acme:Blob", "qq==", "QQ=="),
    ("C-70", "IpAddress", "aws:SourceIp", "10.1.2.3/8", "10.0.0.1"),
    ("C-70", "IpAddress", "aws:SourceIp", "10.0.0.1", "10.0.0.1"),
    ("C-72", "IpAddress", "aws:SourceIp", "10.0.0.0/8", "::ffff:10.0.0.1"),
    ("C-72", "IpAddress", "aws:SourceIp", "::/0", "10.0.0.1"),
    ("C-72", "NotIpAddress", "aws:SourceIp", "0.0.0.0/0", "2001:db8::1"),
    ("C-73", "IpAddress", "aws:SourceIp", "10.0.0.0/8", "10.0.0.1:80"),
    ("C-73", "IpAddress", "aws:SourceIp", "10.0.0.0/8", "010.0.0.1"),
    ("C-75", "IpAddress", "aws:SourceIp", "${acme:None, '10.0.0.1'}", "10.0.0.1"),
    ("C-80", "ArnEquals", "aws:SourceArn", "arn:aws:s3:::B", "arn:aws:s3:::b"),
    ("C-80", "ArnLike", "aws:SourceArn", "arn:aws:S3:::b", "arn:aws:s3:::b"),
    ("C-80", "ArnEquals", "aws:SourceArn", "arn:aws:s3:::*", "arn:aws:s3:::b"),
    ("C-80", "ArnLike", "aws:SourceArn", "arn:aws:svc:*:111111111111:finance/*",
     "arn:aws:svc:us-east-2:222222222222:store/abc:111111111111:finance/x"),
    ("C-81", "ArnLike", "aws:SourceArn", "ARN:aws:s3:::b", "arn:aws:s3:::b"),
    ("C-81", "ArnLike", "aws:SourceArn", "*:aws:s3:::b", "arn:aws:s3:::b"),
    ("C-81", "ArnLike", "aws:SourceArn", "arn:aws:s3*", "arn:aws:s3:::b"),
    ("C-83", "ArnLike", "aws:SourceArn", "*", "arn:aws:s3:::b"),
    ("C-83", "ArnLike", "aws:SourceArn", "*", "nothing"),
    ("C-91", "StringEquals", "acme:Label", "${acme:None,'x'}", "x"),
    ("C-91", "StringEquals", "acme:Label", "${aws:username", "${aws:username"),
    ("C-91", "StringEquals", "acme:Label", "${ acme:None, 'x'}", "x"),
    ("C-92", "StringEquals", "acme:Label", "${$}", "$"),
    ("C-92", "StringEquals", "acme:Label", "${?}", "?"),
    ("C-92", "StringLike", "acme:Label", "${*}", "x"),
    ("C-92", "StringLike", "acme:Label", "${*}", "*"),
    ("C-94", "StringEquals", "acme:Label", "${acme:None}", ""),
    ("C-94", "StringNotEquals", "acme:Label", "${acme:None}", "x"),
    ("C-94", "StringNotLike", "acme:Label", "${acme:None}", "x"),
    ("C-96", "StringEquals", "acme:Label", "${acme:None, 'a}b'}", "a}b"),
    ("C-96", "StringLike", "acme:Label", "${acme:None, 'a*'}", "abc"),
    ("C-97", "StringEquals", "acme:Label", ["${acme:None}", "x"], "x"),
    ("R-32", "StringEquals", "acme:Label", "${aws:TagKeys}", "x"),
)
# fmt: on


def pair_test(found: Situation) -> tuple[str, str, Any]:
    """Choose a pair; mostly, give the request its value, and what its variable reads."""
    dice = found.dice
    rule, operator, key, value, own = dice.pick(PAIRS)
    given = found.request.setdefault("context", {})
    for name in [name for name in given if name.lower() == key.lower()]:
        del given[name]
    if dice.chance(0.9):
        given[key] = own
    if rule == "R-32":
        given["aws:TagKeys"] = [own]
    return operator + ("IfExists" if operator != "Null" and dice.chance(0.1) else ""), key, value
