"""Is a table decided like its rows, one by one? Answers, and what is refused."""

import ast
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policyeval import Engine, PolicyError, PolicyEvalError, PolicySet, RequestError, UsageError
from policyeval.request import Request
from tests.strategies import families

pa = pytest.importorskip("pyarrow")

from policyeval.batch import columns, layout, tables  # noqa: E402
from policyeval.batch.columns import column_of  # noqa: E402
from policyeval.batch.observed import ObservedKeys, rules_read  # noqa: E402

PACKAGE = Path(__file__).parent.parent / "policyeval"
ALICE, BOB = "arn:aws:iam::111111111111:user/alice", "arn:aws:iam::111111111111:user/bob"
OBJECT = "arn:aws:s3:::b/k"
NOW = 1_790_000_000


def allow(**elements):
    return {"Effect": "Allow", "Action": "*", "Resource": "*", **elements}


def engine_of(*statements, now=NOW, **policies):
    identity = {"Version": "2012-10-17", "Statement": list(statements)}
    return Engine({"identity": identity, **policies}, now=now)


def table_of(rows=3, **given):
    """A table of like rows, but for the given columns; their names have `__` for `:`."""
    named = {"principal": ALICE, "action": "s3:GetObject", "resource": OBJECT} | given
    named = {name.replace("__", ":"): value for name, value in named.items() if value is not None}
    return pa.table({name: value if isinstance(value, (list, pa.Array)) else [value] * rows
                     for name, value in named.items()})  # fmt: skip


def answers(decided):
    return [tuple(row[name] for name in layout.ANSWERS) for row in decided.to_pylist()]


def allowed(decided):
    return decided.column("allowed").to_pylist()


# A table and its rows

TEXT, TEXTS = pa.string(), pa.list_(pa.string())
TAGS, ORGANIZATION = pa.map_(TEXT, TEXT), pa.struct(dict.fromkeys(("id", "path", "management_account"), TEXT))
_NAMES = (
    "arn",
    "service",
    "provider",
    "role_arn",
    "parent_user_arn",
    "unique_id",
    "canonical_id",
    "source_identity",
)
_FLAGS = ("mfa", "service_linked", "session_token", "assumed_root")
PRINCIPAL = pa.struct(dict.fromkeys(_NAMES, TEXT) | dict.fromkeys(_FLAGS, pa.bool_())
                      | {"tags": TAGS, "session_tags": TAGS, "organization": ORGANIZATION})  # fmt: skip
HOP = pa.struct({"role": TEXT, "session_name": TEXT, "source_identity": TEXT, "tags": TAGS,
                 "transitive_tags": TEXTS, "context": pa.map_(TEXT, TEXTS)})  # fmt: skip
ALSO = pa.struct({"action": TEXT, "resource": TEXT, "context": TAGS})
TYPES = {"principal": PRINCIPAL, "action": TEXTS, "resource": TEXTS, "resource_tags": TAGS,
         "resource_organization": ORGANIZATION, "via": pa.list_(HOP), "also": pa.list_(ALSO)}  # fmt: skip


def as_row(request):
    """The request with values of one shape in each field, as a column needs them."""
    row = dict(request)
    row["principal"] = {"arn": row["principal"]} if isinstance(row["principal"], str) else row["principal"]
    for name in ("action", "resource"):
        if isinstance(row.get(name), str):
            row[name] = [row[name]]
    if "via" in row:
        row["via"] = [{"role": hop} if isinstance(hop, str) else with_lists(hop) for hop in row["via"]]
    row["context"] = {key: as_text(value) for key, value in row.get("context", {}).items()}
    return row


def with_lists(hop):
    """A role on the way, whose context has lists of values; a column has no room for its session policy."""
    context = {key: as_list(value) for key, value in hop.get("context", {}).items()}
    kept = {name: value for name, value in hop.items() if name != "session_policy"}
    return kept | ({"context": context} if context else {})


def as_list(value):
    return value if isinstance(value, list) else [value]


def as_text(value):
    if isinstance(value, list):
        return [as_text(each) for each in value]
    return str(value).lower() if isinstance(value, bool) else value if value is None else str(value)


def as_lists(rows, keys):
    """A column holds lists, or none: single values become lists of one where another row has a list."""
    listed = {key for key in keys for row in rows if isinstance(row["context"].get(key), list)}
    for row in rows:
        for key, value in row["context"].items():
            if key in listed and isinstance(value, str):
                row["context"][key] = [value]
    return rows


def in_columns(rows):
    """One column for each key; what is absent in the request is not said in the table."""
    keys = list(dict.fromkeys(key for row in rows for key in row["context"]))
    for row in as_lists(rows, keys):
        row["context"] = {key: value for key, value in row["context"].items() if value is not None}
    return {key: pa.array([row["context"].get(key) for row in rows]) for key in keys}


def in_struct(rows):
    named = in_columns(rows)
    if not named:
        return {}
    return {"context": pa.StructArray.from_arrays(list(named.values()), list(named))}


def in_map(rows):
    """All keys in one map: its values are lists if one of them is."""
    values = [value for row in rows for value in row["context"].values()]
    is_listed = any(isinstance(value, list) for value in values)
    for row in rows:
        if is_listed:
            row["context"] = {
                key: [value] if isinstance(value, str) else value for key, value in row["context"].items()
            }
    kind = pa.map_(TEXT, TEXTS if is_listed else TEXT)
    return {"context": pa.array([list(row["context"].items()) for row in rows], kind)}


def in_dictionaries(rows):
    """Columns whose values stand in dictionaries already."""
    named = in_columns(rows)
    return {key: array.dictionary_encode() if array.type == TEXT else array for key, array in named.items()}


def as_table(rows, context):
    """The rows as a table; `context` says how the keys are given, and makes the rows say the same."""
    given = context(rows)
    names = [name for name in layout.FIELDS if name != "context" and any(name in row for row in rows)]
    kinds = {name: TYPES.get(name, TEXT) for name in names}
    parts = {
        name: pa.array([arrow_value(kind, row.get(name)) for row in rows], kind)
        for name, kind in kinds.items()
    }
    return pa.table(parts | given)


def arrow_value(kind, value):
    """Maps are given to Arrow as pairs."""
    if value is None or kind is None:
        return value
    if pa.types.is_map(kind):
        return list(value.items())
    if pa.types.is_struct(kind):
        return {field.name: arrow_value(field.type, value.get(field.name)) for field in kind}
    return [arrow_value(kind.value_type, each) for each in value] if pa.types.is_list(kind) else value


def one_by_one(policies, rows):
    """The answers to the rows, or the number of the first that is refused, and what is said of it."""
    engine = Engine(policies, now=NOW)
    found = []
    for number, row in enumerate(rows):
        try:
            decision = engine.decide(row)
        except PolicyEvalError as error:
            return number, type(error), [told.message for told in error.diagnostics]
        found.append((decision.allowed, decision.effect.value, decision.reason.code, decision.layer))
    return found


def at_once(policies, table):
    engine = Engine(policies, now=NOW)
    try:
        decided = engine.decide_table(table)
        return answers(decided if isinstance(decided, pa.Table) else decided.read_all())
    except PolicyEvalError as error:
        row, number = error.diagnostics[0].path[0].split(" ")
        assert row == "row"
        return int(number), type(error), [told.message for told in error.diagnostics]


def as_stream(table):
    return pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=4))


def in_chunks(table):
    return pa.concat_tables([table.slice(start, 5) for start in range(0, table.num_rows, 5)])


# how the keys are given; how the rows are given; the constants that are made small
WAYS = {
    "columns": (in_columns, lambda table: table, {}),
    "struct": (in_struct, lambda table: table, {}),
    "map": (in_map, lambda table: table, {}),
    "dictionaries, in chunks": (in_dictionaries, in_chunks, {}),
    "in pieces": (in_columns, lambda table: table, {"_ROWS_OF_TABLE": 5, "_MOST_KNOWN": 3}),
    "a stream": (in_map, as_stream, {"_ROWS_OF_STREAM": 6}),
    "numbers too large": (in_columns, lambda table: table, {"_LARGEST": 8}),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=60)
@given(families(), st.randoms(use_true_random=False))
def test_a_table_is_decided_like_its_rows(way, family, random):
    policies, requests = family
    try:
        policies = PolicySet.from_dict(policies)
    except PolicyEvalError:
        return
    rows = [as_row(random.choice(requests)) for _ in range(24)]
    context, given_as, small = WAYS[way]
    table = given_as(as_table(rows, context))

    with pytest.MonkeyPatch.context() as patch:
        for name, value in small.items():
            patch.setattr(columns if name == "_LARGEST" else tables, name, value)
        assert at_once(policies, table) == one_by_one(policies, rows)


# What tells rows apart


def count_decisions(engine, table):
    """How many requests are decided?"""
    asked, decide = [], engine.decide
    engine.decide = lambda request: (asked.append(request), decide(request))[1]
    engine.decide_table(table)
    return len(asked)


def test_rows_that_are_alike_are_decided_once():
    assert count_decisions(engine_of(allow()), table_of(1000, principal=[ALICE, BOB] * 500)) == 2


def test_keys_that_nothing_reads_do_not_tell_rows_apart():
    engine = engine_of(allow(Condition={"StringEquals": {"aws:UserAgent": "x"}}))
    numbers = [str(number) for number in range(100)]
    listed = pa.array([[each] for each in numbers])
    entries = pa.array([[("aws:referer", each)] for each in numbers], TAGS)

    assert count_decisions(engine, table_of(100, aws__UserAgent=numbers)) == 100
    assert count_decisions(engine, table_of(100, aws__referer=numbers)) == 1
    assert count_decisions(engine, table_of(100, ec2__Owner=listed)) == 1
    assert count_decisions(engine, table_of(100, ec2__InstanceID=list(range(100)), context=entries)) == 1
    assert count_decisions(engine, table_of(100, name=numbers)) == 1


def test_keys_in_two_spellings_tell_rows_apart_because_two_values_are_refused():
    table = table_of(2, aws__referer=["a", "a"], aws__Referer=["a", "b"])

    with pytest.raises(RequestError, match=r"row 1.*given twice"):
        engine_of(allow()).decide_table(table)


def test_lists_of_an_unread_single_valued_key_are_refused_like_in_a_request():
    with pytest.raises(RequestError, match=r"row 1.*single-valued"):
        engine_of(allow()).decide_table(
            table_of(2, aws__SourceIp=pa.array([["10.0.0.1"], ["10.0.0.1", "10.0.0.2"]]))
        )


def test_statements_of_every_layer_count_as_readers():
    """A key that only one layer reads, whichever it is."""

    def statement(key):
        return {"Version": "2012-10-17", "Statement": allow(Condition={"StringEquals": {key: "x"}})}

    def for_anyone(key):
        condition = {"StringEquals": {key: "x"}}
        given = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole", "Condition": condition}
        return {"Version": "2012-10-17", "Statement": given}

    role = "arn:aws:iam::111111111111:role/r"
    policies = PolicySet(
        identity=[statement("x:identity")], boundary=statement("x:boundary"), session=statement("x:session"),
        scp={"111111111111": [[statement("x:scp")]]}, rcp=[], endpoint=None, trust=for_anyone("x:trust"),
        roles={role: {"trust": for_anyone("x:role-trust"), "identity": statement("x:role-identity"),
                      "boundary": statement("x:role-boundary")}},
        resources={OBJECT: {"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/${x:variable}"}}},
    )  # fmt: skip
    layers = (
        "identity",
        "boundary",
        "session",
        "scp",
        "trust",
        "role-trust",
        "role-identity",
        "role-boundary",
        "variable",
    )

    assert ObservedKeys.of(policies).of_statements == {f"x:{layer}" for layer in layers}


CORE = [
    file for file in PACKAGE.rglob("*.py")
    if file.relative_to(PACKAGE).parts[0] not in ("explain", "render", "cli", "checks", "testing", "sources", "batch")
]  # fmt: skip
LOOK_UPS = {"value", "get", "tag_keys", "with_key"}


def keys_named_in(file):
    """The condition keys that code looks up by name."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in LOOK_UPS
            and node.args
        ):
            given = node.args[0].values[0] if isinstance(node.args[0], ast.JoinedStr) else node.args[0]
            if isinstance(given, ast.Constant) and isinstance(given.value, str) and ":" in given.value:
                yield given.value.lower()


def test_keys_that_the_code_names_are_read_without_statements():
    named = {key for file in CORE for key in keys_named_in(file)}

    assert {"aws:multifactorauthpresent", "s3:x-amz-grant-", "aws:requesttag/", "aws:calledvia"} <= named
    assert [key for key in sorted(named) if not rules_read(key)] == []


def test_access_control_lists_read_the_type_of_the_caller():
    """S3-3: the group of authenticated users is everyone but anonymous callers."""
    settings_ = {
        "s3": {
            "object_ownership": "ObjectWriter",
            "object_acl": [{"grantee": "AuthenticatedUsers", "permission": "READ"}],
        }
    }
    engine = Engine({"settings": settings_}, now=NOW)
    table = table_of(2, principal="anonymous", aws__PrincipalType=["Anonymous", "User"])

    assert allowed(engine.decide_table(table)) == [False, True]


# What a table says


def test_null_in_a_column_says_nothing_and_in_a_map_that_the_key_is_absent():
    engine = engine_of(allow(Condition={"StringEquals": {"aws:username": "alice"}}))
    entries = pa.array([[("aws:username", None)], [], None], TAGS)
    objects = pa.array([{"aws:username": None}, {"aws:username": "bob"}, None])

    assert allowed(engine.decide_table(table_of(aws__username=[None, "bob", "alice"]))) == [True, False, True]
    assert allowed(engine.decide_table(table_of(context=entries))) == [False, True, True]
    assert allowed(engine.decide_table(table_of(context=objects))) == [True, False, True]


def test_a_row_without_resource_is_about_any():
    engine = engine_of(allow(Resource="arn:aws:s3:::b/*"))

    assert allowed(engine.decide_table(table_of(2, resource=[OBJECT, None]))) == [True, False]
    assert allowed(engine.decide_table(table_of(2, resource=None))) == [False, False]


@pytest.mark.parametrize(
    "kind", [pa.timestamp("s"), pa.timestamp("ns", "UTC"), pa.timestamp("us", "+02:00"), pa.string()]
)
def test_times_may_be_timestamps(kind):
    engine = engine_of(allow(Condition={"DateLessThan": {"aws:CurrentTime": "2026-06-01T00:00:00Z"}}))
    texts = ["2026-05-31T23:59:59Z", "2026-06-01T00:00:01Z"]
    moments = pa.array(texts).cast(pa.timestamp("s", "UTC"))
    times = texts if kind == TEXT else moments.cast(pa.timestamp(kind.unit, kind.tz))

    assert allowed(engine.decide_table(table_of(2, time=times))) == [True, False]


def test_a_table_keeps_its_columns_and_gets_those_of_the_answers():
    table = table_of(2, principal=[ALICE, BOB], event=[7, 8])
    deny = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringEquals": {"aws:username": "bob"}},
    }
    decided = engine_of(allow(), deny).decide_table(table, carry=["event"])

    assert decided.select(table.column_names) == table
    assert decided.column_names == [*table.column_names, *layout.ANSWERS]
    assert answers(decided) == [(True, "allow", "allowed", "none"),
                                (False, "explicit-deny", "identity-explicit-deny", "identity")]  # fmt: skip


@pytest.mark.parametrize("kind", [pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), TEXT)])
def test_texts_may_be_kept_in_any_way(kind):
    engine = engine_of(allow(Condition={"StringEquals": {"aws:UserAgent": "x"}}))
    table = table_of(2, principal=[ALICE, BOB], aws__UserAgent=["x", "y"], aws__referer=["a", "b"])

    decided = engine.decide_table(table.cast(pa.schema(dict.fromkeys(table.column_names, kind))))

    assert allowed(decided) == [True, False]


UNION = pa.UnionArray.from_dense(
    pa.array([0, 1], pa.int8()), pa.array([0, 0], pa.int32()), [pa.array(["x"]), pa.array([1])]
)
STRANGE = (
    pa.array([b"x", b"x"]), pa.array([1, 1], pa.int32()).cast(pa.time32("s")), pa.array([{"a": "b"}] * 2), UNION,
    pa.array([[None], ["a"]]), pa.array([[b"x"], []]), pa.array([[["x"]], []]), pa.array([1, 2], pa.duration("s")),
)  # fmt: skip


@pytest.mark.parametrize("values", STRANGE, ids=lambda values: str(values.type))
def test_values_that_no_request_has_are_refused_even_if_nothing_reads_them(values):
    with pytest.raises(RequestError, match=r"row 0|is of a type that is not read"):
        engine_of(allow()).decide_table(table_of(2, x__unread=values))


class Frame:
    """What other libraries give: no table of pyarrow, but a stream of Arrow."""

    def __init__(self, table):
        self.__arrow_c_stream__ = table.__arrow_c_stream__


def test_frames_of_other_libraries_are_streams():
    assert allowed(engine_of(allow()).decide_table(Frame(table_of(2))).read_all()) == [True, True]


@pytest.mark.parametrize("rows", [0, 1])
def test_small_tables_and_streams_are_decided(rows):
    table = table_of(rows).cast(pa.schema(dict.fromkeys(("principal", "action", "resource"), TEXT)))
    engine = engine_of(allow())

    for given_as in (table, *table.combine_chunks().to_batches()):
        assert allowed(engine.decide_table(given_as)) == [True] * rows
    streamed = engine.decide_table(pa.RecordBatchReader.from_batches(table.schema, table.to_batches()))
    assert allowed(streamed.read_all()) == [True] * rows


def test_the_fields_of_a_request_are_the_columns():
    import inspect

    parameters = list(inspect.signature(Request).parameters)

    assert set(parameters) == set(layout.FIELDS)


# Streams and the clock


def test_a_stream_is_read_as_it_is_asked_for(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS_OF_STREAM", 10)
    taken, told = [], []

    def batches():
        for number in range(100):
            taken.append(number)
            yield table_of(5).to_batches()[0]

    decided = engine_of(allow()).decide_table(batches(), progress=told.append)
    first = decided.read_next_batch()

    assert first.column("allowed").to_pylist() == [True] * 5
    assert len(taken) < 6
    assert sum(batch.num_rows for batch in decided) == 495
    assert sum(told) == 500


def test_what_is_remembered_of_a_stream_is_bounded(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS_OF_STREAM", 10)
    monkeypatch.setattr(tables, "_MOST_KNOWN", 20)
    decider = tables.Decider(engine_of(allow()), layout.layout_of(table_of().schema, ()))
    sizes = []
    for start in range(0, 1000, 10):
        decider.answers(table_of(10, resource=[f"{OBJECT}{number}" for number in range(start, start + 10)]))
        sizes.append(len(decider._known))

    assert max(sizes) <= 30


def test_what_is_remembered_of_a_piece_is_not_taken_for_another_key(monkeypatch):
    """Which unread keys are kept follows the spellings in a piece; the same values may then be of other keys."""
    monkeypatch.setattr(tables, "_ROWS_OF_STREAM", 2)
    entries = pa.array([[("a:a", "1")], [], [], [("b:b", "2")]], TAGS)
    keys = {"a:A": ["1"] * 4, "x:read": ["2", "2", "1", "1"], "b:B": ["2"] * 4, "context": entries}
    table = table_of(4).append_column("a:A", pa.array(keys["a:A"]))
    for name in ("x:read", "b:B", "context"):
        table = table.append_column(name, pa.array(keys[name]))
    engine = engine_of(allow(Condition={"StringEquals": {"x:read": "2"}}))

    assert allowed(engine.decide_table(iter(table.to_batches())).read_all()) == [True, True, False, False]


def test_one_reading_of_the_clock_holds_for_a_table(monkeypatch):
    from policyeval.request_context import clock

    ticks = iter(range(1000, 9000, 1000))
    monkeypatch.setattr(tables.time, "time", lambda: next(ticks))
    assert clock is tables.time
    engine = engine_of(allow(Condition={"NumericLessThan": {"aws:EpochTime": "2500"}}), now=None)
    names = [f"{OBJECT}{number}" for number in range(6)]

    assert [allowed(engine.decide_table(table_of(6, resource=names))) for _ in range(3)] == [
        [True] * 6, [True] * 6, [False] * 6]  # fmt: skip


# What is refused

TWICE = pa.array([[], [("aws:SourceIp", "a"), ("aws:SourceIp", "b")], []], TAGS)
IN_MAP = pa.array([[("aws:SourceIp", [("a", "b"), ("a", "b")])]] * 3, pa.map_(TEXT, TAGS))
IN_BOTH = {"context": pa.array([[("a:b", "x")]] * 3, TAGS), "s3__a": "x", "a__b": [None, "y", None]}


@pytest.mark.parametrize(
    ("columns_", "carry", "error", "message"),
    [
        ({"ressource": "*"}, (), RequestError, "`ressource` is no part.*\n.*did you mean `resource`"),
        ({"event": 1}, (), RequestError, r"carry=\[\"event\"\]"),
        ({"event": 1}, ("evnt",), UsageError, "no column `evnt`.*\n.*did you mean `event`"),
        ({"event": 1, "reason": "x"}, ("event", "reason"), UsageError, "`reason` already"),
        ({"action": None}, (), RequestError, "no column `action`"),
        ({"context": "x"}, (), RequestError, "`context` holds no keys"),
        ({"context": [{"a:b": "x"}] * 3, "a__b": "x"}, (), RequestError, "`a:b` is given twice"),
        ({"principal": [ALICE, BOB, None]}, (), RequestError, "row 2: the request has no `principal`"),
        ({"action": ["s3:GetObject", "s3:Get*", "x"]}, (), RequestError, r"row 1\.action: .*`s3:Get\*`"),
        ({"resource": [OBJECT, OBJECT, "x"]}, (), RequestError, r"row 2\.resource"),
        ({"time": ["2026-01-01", "soon", None]}, (), RequestError, r"row 1\.time"),
        ({"resource_account": [None, None, 7]}, (), RequestError, r"row 2\.resource_account"),
        ({"context": TWICE}, (), RequestError, "row 1.*twice"),
        ({"resource_tags": pa.array([[("a", "b"), ("a", "b")], [], []], TAGS)}, (), RequestError, "row 0.*twice"),
        ({"context": IN_MAP}, (), RequestError, r"row 0: a map has a key twice"),
        (IN_BOTH, (), RequestError, "row 1.*twice"),
        ({"aws__SourceIp": pa.array([b"x"] * 3)}, (), RequestError, r"row 0\.context"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_fails_the_whole_table(columns_, carry, error, message):
    engine = engine_of(allow(Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}))

    with pytest.raises(error, match=message):
        engine.decide_table(table_of(**columns_), carry=carry)


def test_a_row_that_contradicts_the_policies_is_named():
    session = {"Version": "2012-10-17", "Statement": allow()}
    role = "arn:aws:sts::111111111111:assumed-role/r/s"

    with pytest.raises(PolicyError, match="row 2"):
        engine_of(allow(), session=session).decide_table(table_of(3, principal=[role, role, ALICE]))


def test_rows_of_a_stream_are_counted_from_its_beginning(monkeypatch):
    monkeypatch.setattr(tables, "_ROWS_OF_STREAM", 4)
    table = table_of(12, resource=[OBJECT] * 10 + ["x", OBJECT])

    with pytest.raises(RequestError, match=r"row 10\.resource"):
        engine_of(allow()).decide_table(iter(table.to_batches(max_chunksize=3))).read_all()


@pytest.mark.parametrize("rows", [[], [{"principal": ALICE}], 7])
def test_other_values_are_no_rows(rows):
    with pytest.raises(UsageError, match="no rows of a table"):
        engine_of(allow()).decide_table(rows)


def test_without_pyarrow_the_way_out_is_said(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(UsageError, match=r"policyeval-iam\[batch\]"):
        engine_of(allow()).decide_table(None)


# Columns

SCALARS = st.sampled_from(["", "a", "b", ",", "0", "é", None])
LEAVES = (
    (TEXT, SCALARS), (pa.large_string(), SCALARS), (pa.dictionary(pa.int8(), TEXT), SCALARS),
    (pa.int64(), st.sampled_from([0, 1, -1, None])), (pa.bool_(), st.sampled_from([True, False, None])),
    (pa.float64(), st.sampled_from([0.5, 1.0, None])), (pa.null(), st.none()),
)  # fmt: skip


def nested(inner):
    kind, values = inner
    some = st.none() | st.lists(values, max_size=3)
    pairs = st.dictionaries(st.sampled_from("abc"), values, max_size=3).map(lambda given: list(given.items()))
    both = st.fixed_dictionaries({"x": values, "y": st.sampled_from([1, None])})
    return st.sampled_from([
        (pa.list_(kind), some), (pa.large_list(kind), some), (pa.map_(TEXT, kind), st.none() | pairs),
        (pa.list_(kind, 2), st.none() | st.lists(values, min_size=2, max_size=2)),
        (pa.struct({"x": kind, "y": pa.int8()}), st.none() | both),
    ])  # fmt: skip


@settings(max_examples=300)
@given(st.data())
def test_a_column_is_its_distinct_values(data):
    kind, values = data.draw(
        st.recursive(st.sampled_from(LEAVES), lambda inner: inner.flatmap(nested), max_leaves=3)
    )
    array = pa.array(data.draw(st.lists(values, max_size=20)), kind)
    cut = data.draw(st.integers(0, len(array)))
    chunked = pa.chunked_array([array.slice(cut), array.slice(0, cut)], kind)

    column = column_of(chunked, lambda _, value: value)

    codes = [0] * len(chunked) if column.codes is None else column.codes.to_pylist()
    assert [column.values[code] for code in codes] == chunked.to_pylist()
    assert list(dict.fromkeys(codes)) == list(range(len(column.values)))
    texts = list(map(repr, column.values))
    assert len(set(column.keys)) == len(set(texts))
