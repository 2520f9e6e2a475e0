"""Do the examples answer what they say? In examples/cross-account/broken/ the answer names exactly the broken link."""

from dataclasses import dataclass
from difflib import ndiff
from pathlib import Path

import pytest

from policyeval import Engine, Explanation, load
from policyeval.sources.files import read_source
from policyeval.sources.requests import read_requests

ROOT = Path(__file__).parent.parent
FIRST = ROOT / "examples" / "first"
CROSS_ACCOUNT = ROOT / "examples" / "cross-account"
BROKEN = CROSS_ACCOUNT / "broken"


@dataclass(frozen=True)
class Link:
    """A link of the chain: the document that makes it, and how the answer names it when it is broken."""

    folder: str
    document: str
    layer: str
    reason: str
    action: str


# fmt: off
LINKS = (
    Link("user-policy",            "user-policy.json",     "identity", "identity-no-allow", "sts:AssumeRole"),
    Link("trust-policy",           "trust-policy.json",    "trust",    "trust-no-allow",    "sts:AssumeRole"),
    Link("role-s3-policy",         "role-s3-policy.json",  "identity", "identity-no-allow", "s3:GetObject"),
    Link("bucket-policy",          "bucket-policy.json",   "resource", "resource-no-allow", "s3:GetObject"),
    Link("role-kms-policy",        "role-kms-policy.json", "identity", "identity-no-allow", "kms:Decrypt"),
    Link("key-policy",             "key-policy.json",      "resource", "resource-no-allow", "kms:Decrypt"),
    Link("service-control-policy", "scp/analytics.json",   "scp",      "scp-explicit-deny", "s3:GetObject"),
)
# fmt: on

each_link = pytest.mark.parametrize("link", LINKS, ids=lambda link: link.folder)


def explained(policies: Path, request: Path) -> Explanation:
    """Explain the request of a file against the policies of another."""
    (read,) = read_requests(read_source(request))
    return Engine(load(policies, strict=True)).explain(read)


def broken(link: Link) -> Explanation:
    """Explain the chain in which a link is broken."""
    return explained(BROKEN / link.folder / "policies.yaml", CROSS_ACCOUNT / "request.json")


def broken_document(link: Link) -> Path:
    return BROKEN / link.folder / Path(link.document).name


def blamed_policy(explanation: Explanation) -> Path:
    """Name the file of the statement that denied, else of the one that came nearest to allowing."""
    statement = (explanation.deciding_statements or explanation.nearest)[0]
    return Path(statement.policy.source.name)


def changed_lines(one: Path, other: Path) -> list[str]:
    """Give the lines that differ, both versions."""
    lines = [file.read_text(encoding="utf-8").splitlines() for file in (one, other)]
    return [line for line in ndiff(*lines) if line.startswith(("- ", "+ "))]


def test_first_example_is_denied_by_the_identity_layer():
    explanation = explained(FIRST / "policy.json", FIRST / "request.json")

    assert explanation.decision.reason == "identity-no-allow"
    assert explanation.nearest[0].sid == "ReadReports"


def test_whole_chain_is_allowed():
    explanation = explained(CROSS_ACCOUNT / "policies.yaml", CROSS_ACCOUNT / "request.json")

    assert explanation.allowed
    assert [report.step.check.action.text for report in explanation.checks] == [
        "sts:AssumeRole",
        "s3:GetObject",
        "kms:Decrypt",
    ]


def test_every_folder_of_broken_links_is_tried():
    assert {link.folder for link in LINKS} == {folder.name for folder in BROKEN.iterdir()}


@each_link
def test_a_link_is_broken_in_one_line_of_one_document(link):
    differing = changed_lines(CROSS_ACCOUNT / link.document, broken_document(link))

    assert [line[0] for line in differing] == ["-", "+"]


@each_link
def test_the_answer_names_the_layer_of_the_broken_link(link):
    decision = broken(link).decision

    assert (decision.layer, decision.reason.code) == (link.layer, link.reason)


@each_link
def test_the_answer_names_the_check_that_failed(link):
    failing = broken(link).deciding_check

    assert failing.step.check.action.text == link.action
    assert not failing.decision.allowed


@each_link
def test_the_answer_names_the_document_of_the_broken_link(link):
    assert blamed_policy(broken(link)).resolve() == broken_document(link)


@each_link
def test_nothing_but_the_broken_link_blocks(link):
    blockers = [decision.layer for decision in broken(link).blockers]

    assert blockers == [link.layer]


@each_link
def test_the_page_of_the_example_tells_the_answer(link):
    page = (CROSS_ACCOUNT / "README.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if f"](broken/{link.folder}/" in line]

    assert row.split("|")[-3:-1] == [f" {link.action} ", f" `{link.reason}` "]
