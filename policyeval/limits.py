"""How large may an input be? The limits, each refused by name before anything is decided.

They bound the time and the memory that an input can cost; AWS's own sizes are far below them.
docs/limits.md is written from this table.
"""

from __future__ import annotations

from typing import Final

from policyeval.records import Record


class Limit(Record):
    """The most that is read of something; `message` says what was found, with the name of the limit."""

    name: str
    most: int
    counts: str
    why: str
    says: str
    help: str

    def message(self, found: int) -> str:
        """Say that there is more than is read."""
        return self.says.format(found=found, most=self.most)


# fmt: off
DOCUMENT_BYTES: Final = Limit(
    "document-bytes", 10 * 1024 * 1024, "bytes of a policy, request or case file, of standard input, and of a text",
    "AWS's longest policy, a key policy, has 32 KB; the requests of a day are one file.",
    "the document has {found:,} bytes, the longest that is read has {most:,}",
    "AWS stores no policy longer than 32 KB: is this the right file?")
INCLUDED_BYTES: Final = Limit(
    "included-bytes", 100 * 1024 * 1024, "bytes of all files that a policy set names, counted each time",
    "A small file can name a large one very often.",
    "the files that are named have more than {most:,} bytes together",
    "name each file once, or split the policy set")
NESTING: Final = Limit(
    "nesting", 100, "lists and objects within each other",
    "A policy needs about six levels.",
    "lists and objects are nested deeper than {most} levels",
    "a policy needs about six levels: is this the right file?")
YAML_ALIASES: Final = Limit(
    "yaml-aliases", 10_000, "values that the aliases `*name` of a YAML document repeat",
    "A few lines of aliases can stand for millions of values.",
    "aliases repeat more than {most:,} values",
    "write them out")
ALIASED_CHARACTERS: Final = Limit(
    "yaml-alias-characters", 10 * 1024 * 1024, "characters of the texts that the aliases of a YAML document repeat",
    "One long text can be repeated by many short aliases.",
    "aliases repeat more than {most:,} characters",
    "write them out")
STATEMENTS: Final = Limit(
    "statements", 1_000, "statements of one policy",
    "In AWS's 32 KB there is room for less than 1,000.",
    "`Statement` has {found:,} statements, the most that are read are {most:,}",
    "split the policy: AWS stores none with more than 1,000 statements")
POLICY_TEXTS: Final = Limit(
    "policy-texts", 10_000, "names and values of one policy: elements, actions, resources, condition keys",
    "In AWS's 32 KB there is room for 8,000; each is compared with others, and with every request.",
    "the policy has {found:,} names and values, the most that are read are {most:,}",
    "split the policy: AWS stores none that is longer than 32 KB")
POLICY_CHARACTERS: Final = Limit(
    "policy-characters", 1024 * 1024, "characters of all names and values of one policy",
    "AWS's longest policy, a key policy, has 32 KB.",
    "the policy has {found:,} characters, the most that are read are {most:,}",
    "AWS stores no policy longer than 32 KB: is this the right file?")
LIST_VALUES: Final = Limit(
    "list-values", 100_000, "values of one list: actions, resources, values of a condition, requests",
    "In AWS's 32 KB there is room for 8,000.",
    "the list has {found:,} values, the most that are read are {most:,}",
    "split it; requests can also stand one on a line (JSON Lines)")
OBJECT_MEMBERS: Final = Limit(
    "object-members", 100_000, "keys of one object: condition keys, the ARNs of `resources`",
    "An object is as large as a list may be.",
    "the object has {found:,} keys, the most that are read are {most:,}",
    "split it into several files")
NUMBER_CHARACTERS: Final = Limit(
    "number-characters", 1_000, "characters of a number without quotes",
    "A number that is longer is an attack on those that compute with it; account ids have 12 digits.",
    "a number of {found:,} characters, the longest that is read has {most:,}",
    "put it into quotes if it is text")
CONTEXT_KEYS: Final = Limit(
    "context-keys", 1_000, "condition keys of a request's `context`, of one hop's, and of one further check's",
    "AWS sends some 50, and up to 50 tags of each kind.",
    "`context` has {found:,} keys, the most that are read are {most:,}",
    "leave out the keys that no policy reads")
CONTEXT_VALUES: Final = Limit(
    "context-values", 1_000, "values of one condition key of a request",
    "Lists that AWS sends, as of tags or organization paths, have some dozens.",
    "the key has {found:,} values, the most that are read are {most:,}",
    "give the values that the call had")
CONTEXT_CHARACTERS: Final = Limit(
    "context-characters", 1024 * 1024, "characters of all names and values of one `context`",
    "AWS refuses requests whose headers, which most keys stand for, have more than some KB.",
    "`context` has {found:,} characters, the most that are read are {most:,}",
    "leave out the keys that no policy reads")
REQUEST_TEXT: Final = Limit(
    "request-text-characters", 64 * 1024, "characters of one text of a request: an ARN, a value of a condition key",
    "Keys of S3 have at most 1 KB, ARNs 2 KB; a text is compared with every pattern.",
    "a text of {found:,} characters, the longest that a request may have has {most:,}",
    "give the text that the call had")
CHECKS: Final = Limit(
    "checks", 10_000, "actions of one request times its resources, and its hops and further checks",
    "Each action is decided for each resource; two short lists can make very many.",
    "the request asks for {found:,} checks, the most that are made are {most:,}",
    "split it into several requests")
COMPARISONS: Final = Limit(
    "comparisons", 20_000_000,
    "checks of one request, times the names and values of the policies, times the values of its longest key",
    "Every value of a key can be compared with every value of a condition, for each check.",
    "the request makes up to {found:,} comparisons, the most that are made are {most:,}",
    "split the request, or leave out the policies that do not bear on it")
EXPLAINED: Final = Limit(
    "explained-texts", 500_000, "checks of one request that is explained, times the names and values of the policies",
    "What is explained keeps what every statement says of every check; what is only decided does not.",
    "the explanation is about {found:,} names and values, the most that are explained are {most:,}",
    "split the request, or ask for the exit status alone: `-q`")
READ_KEYS: Final = Limit(
    "read-keys", 5_000_000,
    "condition keys and variables that are read for a request that is explained, times the names and values of the "
    "policies",
    "For every key that the request lacks, the policies are asked whether it could change the answer.",
    "the search for missing keys is about {found:,} names and values, the most that are searched are {most:,}",
    "leave out the policies that do not bear on the request, or ask for the exit status alone: `-q`")
UNKNOWN_KEYS: Final = Limit(
    "unknown-keys", 50, "condition keys and variables that are unknown (`--unknown`)",
    "What they can be together is searched; every further key multiplies that.",
    "{found:,} keys are unknown, the most that are searched are {most:,}",
    "name the keys that are unknown one by one, or give the values of some")
DENIAL_JSON: Final = Limit(
    "denial-json-characters", 1024 * 1024, "characters of JSON in which `why` looks for a record",
    "CloudTrail's records have at most 256 KB.",
    "the text has {found:,} characters, the longest that is read has {most:,}",
    "give the error message alone")
DENIAL_VALUES: Final = Limit(
    "denial-values", 100_000, "values of JSON in which `why` looks for a record",
    "A record of CloudTrail has some hundreds.",
    "the JSON has more than {most:,} values",
    "give the record of the denied call alone")
DENIAL_TEXT: Final = Limit(
    "denial-text-characters", 64 * 1024, "characters of text in which `why` looks for a message",
    "A denial with its stack trace is far shorter.",
    "the text has {found:,} characters, the longest that is read has {most:,}",
    "give the error message alone")
# fmt: on

LIMITS: Final = (
    DOCUMENT_BYTES,
    INCLUDED_BYTES,
    NESTING,
    YAML_ALIASES,
    ALIASED_CHARACTERS,
    STATEMENTS,
    POLICY_TEXTS,
    POLICY_CHARACTERS,
    LIST_VALUES,
    OBJECT_MEMBERS,
    NUMBER_CHARACTERS,
    CONTEXT_KEYS,
    CONTEXT_VALUES,
    CONTEXT_CHARACTERS,
    REQUEST_TEXT,
    CHECKS,
    COMPARISONS,
    EXPLAINED,
    READ_KEYS,
    UNKNOWN_KEYS,
    DENIAL_JSON,
    DENIAL_VALUES,
    DENIAL_TEXT,
)
