"""Rules that can be taken out of a copy of the engine: the text that has them, and the text without.

A table of data: when a file of the engine changes, only its row is adapted (a test says which).
"""

from __future__ import annotations

from typing import NamedTuple


class Reversion(NamedTuple):
    """One rule: what the engine does instead, and the text that makes it do so.

    `old` stands exactly once in the file.
    """

    rule: str
    what: str
    file: str
    old: str
    new: str


# fmt: off
REVERSIONS: tuple[Reversion, ...] = (
    # 2 actions
    Reversion("A-1", "the letter case of an action counts", "matching/actions.py",
              "exact.add(ascii_lower(text))", "exact.add(text)"),
    Reversion("A-2", "`?` is an ordinary character", "language/patterns.py",
              'if character in "*?":', 'if character in "*":'),
    Reversion("A-8", "NotAction is read like Action", "matching/actions.py",
              "return ActionSet(frozenset(exact), tuple(prefixes), tuple(others), matcher.negated)",
              "return ActionSet(frozenset(exact), tuple(prefixes), tuple(others), False)"),
    # 3 resources
    Reversion("R-5", "the letter case of an ARN's first parts counts", "matching/resources.py",
              "tuple(glob(ascii_lower(part)) for part in parts[1:5])", "tuple(glob(part) for part in parts[1:5])"),
    Reversion("R-10", "every short ARN of a resource policy is padded", "matching/resources.py",
              'return any("*" in part for part in parts)', "return True"),
    Reversion("R-20", "NotResource is read like Resource", "matching/resources.py",
              "    return Not(listed, at)\n", "    return listed\n"),
    Reversion("R-31", "wildcards in a variable's value are wildcards", "language/variables.py",
              "tokens.extend((text,) if text else ())", "tokens.extend(tokens_of(text))"),
    Reversion("R-33", "a variable without value is the empty text", "language/variables.py",
              "                if text is None:\n                    return None\n", ""),
    Reversion("R-34", "an empty value is no reason to take the default", "language/variables.py",
              "if not value and variable.default", "if value is None and variable.default"),
    # 4 principals
    Reversion("4.1", "a role's path does not count", "matching/principals.py",
              "return caller.role_arn == entry",
              'return caller.role_arn.rpartition("/")[2] == entry.rpartition("/")[2]'),
    Reversion("P-8", "an account's entry does not reach its root user", "matching/principals.py",
              "return check.principal.is_root and _is_account(check.principal, entry)", "return False"),
    Reversion("P-9", "unique ids name nobody", "matching/principals.py",
              "return _rows_of_unique_id(entry)", "return ()"),
    Reversion("P-12", "the letter case of a service's name counts", "matching/principals.py",
              "entry.lower() in {str(caller.service).lower(),", "entry in {str(caller.service),"),
    Reversion("P-13", "a provider's identities make every call", "matching/principals.py",
              "if action is None or (check.action.lower != action and check.action.lower not in _SESSION_ACTIONS):",
              "if action is None:"),
    Reversion("P-22", "one element of the chain is enough for NotPrincipal", "matching/principals.py",
              "found & needed == needed", "bool(found & needed)"),
    Reversion("P-23", "a boundary does not matter for Deny with NotPrincipal", "matching/principals.py",
              '"""Is one attached?"""\n        return reading', '"""Is one attached?"""\n        return False'),
    # 5 conditions
    Reversion("C-11", "negated operators are false without the key", "matching/conditions.py",
              "return operator.set_operator is SetOperator.NONE and operator.row.negated", "return False"),
    Reversion("C-20", "`…IfExists` does nothing", "matching/conditions.py",
              "if operator.if_exists or operator.set_operator", "if operator.set_operator"),
    Reversion("C-51", "`…IgnoreCase` does not ignore the case of the policy's value", "operators.py",
              "return lower_each(_text(tokens))", "return _text(tokens)"),
    Reversion("C-55", "NumericLessThan is greater than", "operators.py",
              '"C-55", compare=operator.lt, **_NUMBER', '"C-55", compare=operator.gt, **_NUMBER'),
    Reversion("C-62", "epoch values count milliseconds", "language/values.py",
              "if is_epoch(text):\n        return Decimal(text)",
              "if is_epoch(text):\n        return Decimal(text) / 1000"),
    Reversion("C-65", "`TRUE` is no boolean", "language/values.py",
              "lowered = text.lower()", "lowered = text"),
    Reversion("C-70", "host bits behind the mask are malformed", "language/values.py",
              "ip_network(text, strict=False)", "ip_network(text)"),
    Reversion("C-72", "an address may be in a network of the other family", "operators.py",
              "return address[0] == network[0] and", "return"),
    Reversion("C-83", "`*` alone is no ARN pattern", "operators.py",
              "        return ARN_PATTERN_EVERYTHING\n", "        return MALFORMED\n"),
    # 6 keys
    Reversion("PR-3", "tags work for passing roles", "authorizers/iam.py",
              'return action.name != "passrole"', "return True"),
    Reversion("6.4", "tags of buckets and objects always count", "authorizers/s3.py",
              "return self.settings.abac\n", "return True\n"),
    Reversion("6.1", "anonymous callers have a user id everywhere", "catalog/global_keys.py",
              '_NAMING_ANONYMOUS = ("s3", "sqs", "sns")',
              '_NAMING_ANONYMOUS = ("s3", "sqs", "sns", "lambda", "execute-api")'),
    Reversion("6.1", "no caller is an AWS service", "catalog/global_keys.py",
              'return "true" if check.principal.is_service else "false"', 'return "false"'),
    Reversion("6.2", "AssumeRoot leaves no key", "catalog/global_keys.py",
              'return "true" if check.principal.assumed_root else None', "return None"),
    Reversion("6.4", "the owner's organization is unknown", "catalog/global_keys.py",
              "return organization.id if organization and tells_resource_account(check.action.lower) else None",
              "return None"),
    Reversion("6.5", "global services have no region", "catalog/global_keys.py",
              "return check.resource.region or global_service_region(partition, check.service)",
              "return check.resource.region"),
    Reversion("6.5", "the last service of a chain is the first", "catalog/global_keys.py",
              "return chain[-1] if chain else None", "return chain[0] if chain else None"),
    Reversion("K-5", "KMS names no account of the caller", "catalog/global_keys.py",
              'return _principal_account(check) if check.service == "kms" else None', "return None"),
    Reversion("C-3", "of two tags the first counts, not the exact one", "request_context.py",
              "    if name in tags:\n        return tags[name]\n", ""),
    Reversion("ST-6", "a role inherits tags that it does not have", "steps.py",
              "tags = {name: inherited.get(name.lower(), value) for name, value in tags.items()}",
              "tags |= dict(caller.transitive_tags)"),
    # 7 decision
    Reversion("X-9", "keys can be deleted from other accounts", "authorizers/kms.py",
              "        return owner_only(check)\n", "        return None\n"),
    Reversion("AN-2", "functions take unsigned calls", "authorizers/lambda_.py",
              "        if not _is_through_url(check):\n", "        if False:\n"),
    Reversion("SP-4", "sessions of AssumeRoot need no session policy", "evaluation.py",
              "return caller.kind is not PrincipalKind.FEDERATED_USER and not caller.assumed_root",
              "return caller.kind is not PrincipalKind.FEDERATED_USER"),
    Reversion("X-8", "partitions are crossed", "evaluation.py",
              "if check.call.crosses_partitions:", "if False:"),
    Reversion("7.2", "a grant to the session is limited by boundary and session policy", "evaluation.py",
              "_DIRECT = Binding.USER | Binding.SESSION | Binding.ANY", "_DIRECT = Binding.USER | Binding.ANY"),
    Reversion("ROOT-5", "root users may assume roles", "authorizers/sts.py",
              "if name in _ASSUME and caller.is_root:", "if False:"),
    Reversion("X-9", "queues can be deleted from other accounts", "authorizers/cross_account.py",
              '"deletequeue", ', ""),
    Reversion("RCP-4", "RCPs do not reach SQS", "catalog/rcp_services.py", '        "sqs",\n', ""),
    Reversion("KMS-5", "a grant's constraint on the encryption context does not matter", "authorizers/kms.py",
              'return needed == given if kind == "EncryptionContextEquals" else needed <= given', "return True"),
    Reversion("KMS-7", "AWS's aliases can be changed", "authorizers/kms.py",
              '_ALIAS_CHANGES = ("createalias", "updatealias", "deletealias")', "_ALIAS_CHANGES = ()"),
    Reversion("ST-1", "sts:GetCallerIdentity needs a permission", "authorizers/sts.py",
              "return not (caller.is_anonymous or caller.is_identity_provider)", "return False"),
    Reversion("ST-6", "passing session tags needs no permission", "authorizers/sts.py",
              'needed.append("sts:TagSession")', "pass"),
    Reversion("S3-2", "objects follow the bucket's policy whoever owns them", "authorizers/s3.py",
              "if owner is None or not self.settings.acls_are_enabled", "if True"),
    Reversion("S3-3", "everybody authenticated includes the anonymous", "authorizers/s3_acl.py",
              'if _group(grant) == "AuthenticatedUsers":', "if False:"),
    Reversion("S3-4", "RestrictPublicBuckets does nothing", "authorizers/s3.py",
              'if "restrict_public_buckets" not in on or', 'if True or'),
    Reversion("S3-12", "the bucket owner's root obeys the bucket's policy", "authorizers/s3.py",
              "return not (check.principal.is_root and check.is_same_account)", "return True"),
    Reversion("LAM-6", "lambda:InvokeFunctionUrl needs no lambda:InvokeFunction", "authorizers/lambda_.py",
              'if check.action.name != "invokefunctionurl" or', "if True or"),
    Reversion("APIGW-5", "private APIs need no resource policy", "authorizers/apigateway.py",
              "if self.settings.private and not has_policy:", "if False:"),
    Reversion("IAM-1", "AWS managed policies can be changed", "authorizers/iam.py",
              '"deletepolicy", ', ""),
)
# fmt: on
