"""Is the page one file that fetches nothing, runs nothing, and shows every text as text?"""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

import policyeval as pe
from policyeval.explain.as_html import as_html
from policyeval.explain.flow import State, stations
from policyeval.explain.html_style import STYLE, content_security_policy
from policyeval.explain.markup import coded, element
from tests.golden import explanations

PAGE = as_html(explanations())
VOID = {"meta", "br", "hr"}
KNOWN = {
    "html", "head", "meta", "title", "style", "body", "main", "nav", "h1", "h2", "h3", "ol", "ul", "li", "a", "span",
    "p", "article", "header", "small", "code", "section", "div", "svg", "g", "rect", "text", "path", "table",
    "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd", "strong", "details", "summary", "figure",
    "figcaption", "mark", "blockquote", "footer",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects elements with their attributes, and checks that each one is closed."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


READER = Reader(PAGE)


def named(name):
    """Find the explanation of a case."""
    return next(one for one in explanations() if one.request.name == name)


def states(name):
    return {station.name: station.state for station in stations(named(name))}


def test_every_element_is_one_of_ours_and_closed():
    """A policy cannot bring in an element, not even an unknown one."""
    assert {tag for tag, _ in READER.elements} <= KNOWN
    assert READER.open == []


def test_nothing_runs_and_nothing_is_fetched():
    names = {name for _, attributes in READER.elements for name in attributes}

    assert not any(name.startswith("on") for name in names)
    assert names.isdisjoint({"src", "srcset", "style", "background", "poster", "data", "action"})
    assert "url(" not in STYLE
    assert "@import" not in STYLE


def test_links_lead_to_the_page_itself_or_to_aws():
    links = {attributes["href"] for tag, attributes in READER.elements if tag == "a"}

    assert all(re.match(r"#request-\d+$|https://docs\.aws\.amazon\.com/", link) for link in links)


def test_the_content_security_policy_allows_the_one_style_sheet():
    style = PAGE[PAGE.index("<style>") + 7 : PAGE.index("</style>")]
    digest = b64encode(sha256(style.encode()).digest()).decode()

    assert f"style-src 'sha256-{digest}'" in content_security_policy()
    assert content_security_policy().startswith("default-src 'none'")
    assert 'http-equiv="Content-Security-Policy"' in PAGE


def test_several_requests_have_a_table_of_contents():
    ids = [attributes["id"] for tag, attributes in READER.elements if tag == "article"]
    links = [
        attributes["href"]
        for tag, attributes in READER.elements
        if attributes.get("href", "").startswith("#")
    ]

    assert links == [f"#{name}" for name in ids]


def test_one_request_has_none():
    assert "<nav" not in as_html(explanations()[:1])


def test_ids_are_unique():
    ids = [attributes["id"] for _, attributes in READER.elements if "id" in attributes]

    assert len(ids) == len(set(ids))


def test_the_way_stops_where_the_decision_fell():
    found = states("boundary names another bucket")

    assert found["Permissions boundary"] is State.STOPPED
    assert found["Identity-based policies"] is State.PASSED
    assert found["Session policy"] is State.UNREACHED


def test_a_silent_resource_policy_is_not_needed_in_one_account():
    found = states("bucket policy denies plain http")

    assert found["Explicit deny"] is State.STOPPED
    assert set(found.values()) == {State.STOPPED, State.UNREACHED}


@pytest.mark.parametrize("one", explanations(), ids=lambda one: one.request.name)
def test_exactly_one_station_stops_a_denied_request(one):
    found = [station.state for station in stations(one)]

    assert found.count(State.STOPPED) == 1
    assert set(found[found.index(State.STOPPED) + 1 :]) <= {State.UNREACHED}


def test_no_station_stops_an_allowed_request():
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}
    request = {"principal": "arn:aws:iam::111122223333:user/ana", "action": "s3:ListAllMyBuckets"}
    allowed = pe.check(policy, request)

    assert not {one.state for one in stations(allowed)} & {State.STOPPED, State.UNREACHED}
    assert "<h2" in as_html([allowed])


def test_what_needs_no_authorization_asks_no_station():
    policy = {"Version": "2012-10-17", "Statement": {"Effect": "Deny", "Action": "*", "Resource": "*"}}
    request = {"principal": "arn:aws:iam::111122223333:user/ana", "action": "sts:GetCallerIdentity"}

    assert {one.state for one in stations(pe.check(policy, request))} == {State.NOT_NEEDED}


def test_children_are_escaped_unless_they_are_markup():
    assert element("p", "<b>", element("code", "a&b"), title='"x"') == (
        '<p title="&quot;x&quot;">&lt;b&gt;<code>a&amp;b</code></p>\n'
    )


def test_what_would_hide_text_is_replaced():
    assert element("span", "a\u202eb\x1b[0m") == "<span>a\ufffdb\ufffd[0m</span>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the request has `red`", "the request has <code>red</code>"),
        ("a lone ` stays", "a lone ` stays"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
    ],
)
def test_what_stands_in_backticks_is_code(text, expected):
    assert coded(text) == expected


def test_a_page_does_not_depend_on_the_run():
    assert as_html(explanations()) == PAGE


def luminance(color):
    """WCAG 2.2: relative luminance."""
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


SCHEMES = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6})", block)) for block in STYLE.split(":root")[1:]]


@pytest.mark.parametrize("scheme", SCHEMES, ids=["light", "dark", "paper"])
@pytest.mark.parametrize("text", ["text", "quiet", "bad", "good", "link"])
def test_every_text_can_be_read(scheme, text):
    """WCAG 2.2 AA: 4.5 to 1, on every background that it stands on."""
    behind = {"bad": ("page", "card", "bad-card"), "good": ("page", "card", "good-card")}.get(
        text, ("page", "card")
    )

    assert min(contrast(scheme[text], scheme[one]) for one in behind) >= 4.5
