"""What does S3 decide in its own way? ACLs, object ownership, Block Public Access, access points (SEMANTICS 7.15)."""

from __future__ import annotations

from functools import cached_property

from policyeval.authorizers.cross_account import owner_only
from policyeval.authorizers.s3_acl import PUBLIC_GROUPS, bucket_acl_policy, object_acl_policy
from policyeval.authorizers.s3_public import is_public
from policyeval.compiler import compile_policy
from policyeval.context import NOT_GIVEN, Context
from policyeval.decision import Decision, Layer
from policyeval.evaluation import ServiceRules, grant_by
from policyeval.language.arn import Arn
from policyeval.language.policy import Policy
from policyeval.layers import Run
from policyeval.matching.principals import Binding
from policyeval.names import ActionName, parse_resource
from policyeval.request_context import Check
from policyeval.semantics import Semantics
from policyeval.settings import AccessPoint, S3Settings
from policyeval.slices import Attached

_POLICY_REPAIR = ("getbucketpolicy", "putbucketpolicy", "deletebucketpolicy")
_BUCKET_TAGGING = ("putbuckettagging", "deletebuckettagging")
# The bucket's owner decides alone about new objects and uploads, and may always delete (S3-2).
_DECIDED_BY_BUCKET = (
    "putobject",
    "deleteobject",
    "deleteobjectversion",
    "abortmultipartupload",
    "listmultipartuploadparts",
    "replicateobject",
    "replicatedelete",
)
_ACL_WRITES = ("putobject", "putobjectacl", "putobjectversionacl", "putbucketacl", "createbucket")
_GRANT_HEADERS = ("read", "write", "read-acp", "write-acp", "full-control")
PUBLIC_ACLS = ("public-read", "public-read-write", "authenticated-read")


class S3Rules(ServiceRules):
    """S3: what the settings of the bucket at hand add to the policies."""

    def __init__(self, semantics: Semantics, settings: S3Settings) -> None:
        super().__init__(semantics)
        self.settings = settings

    def restriction(self, check: Check) -> str | None:
        """X-9, S3-6, §11 (ABAC)."""
        if self.settings.abac and check.action.name in _BUCKET_TAGGING:
            return "the bucket uses ABAC: tag it with s3:TagResource and s3:UntagResource"
        point = self.access_point(check)
        if point is not None and point.vpc is not None and check.value("aws:sourcevpc") != point.vpc:
            return f"the access point takes requests from {point.vpc} only"
        return owner_only(check)

    def sees_resource_tags(self, action: ActionName) -> bool:
        """6.4: the tags of buckets and objects count only where the bucket uses ABAC."""
        return self.settings.abac

    def applies(self, layer: Layer, check: Check) -> bool:
        """S3-12: the owner's root user repairs the bucket policy whatever it says."""
        if layer is Layer.RESOURCE and check.action.name in _POLICY_REPAIR:
            return not (check.principal.is_root and check.is_same_account)
        return super().applies(layer, check)

    @cached_property
    def _bucket_acl(self) -> Policy | None:
        return bucket_acl_policy(self.settings)

    @cached_property
    def _object_acl(self) -> Policy | None:
        return object_acl_policy(self.settings)

    def resource_policies(self, check: Check) -> tuple[Policy, ...]:
        """S3-3: ACL grants count as Allow statements of the bucket's policy, not of an access point's."""
        found = () if self._bucket_acl is None or check.ask(_is_access_point) else (self._bucket_acl,)
        return (*found, self._object_acl) if self._object_acl is not None and check.ask(_is_object) else found

    def blocks_public_access(self, run: Run) -> bool:
        """S3-4."""
        check, on = run.check, self.settings.block_public_access
        if "block_public_acls" in on and check.action.name in _ACL_WRITES and _sets_public_acl(check):
            return True
        if "restrict_public_buckets" not in on or self._keeps_access(check):
            return False
        policies = run.attached.get(Layer.RESOURCE)
        attached = policies.policies if policies is not None else ()
        acls, at_point = (self._bucket_acl, self._object_acl), run.resource_check.ask(_is_access_point)
        if at_point and self._is_confined(check):
            return False
        return any(is_public(one, at_point) for one in attached if not any(one is acl for acl in acls))

    def _is_confined(self, check: Check) -> bool:
        """S3-5: is the access point open to one VPC only?"""
        point = self.access_point(check)
        return point is not None and point.vpc is not None

    def _keeps_access(self, check: Check) -> bool:
        """AWS services, the bucket's account, and the account of the access point (§11)."""
        point = self.access_point(check)
        owns_point = point is not None and check.principal.account == _account_of(point)
        return check.principal.is_service or check.is_same_account or owns_point

    def grant(self, run: Run) -> Decision | None:
        """S3-2: an object of another account follows its owner, not the bucket's policy."""
        owner = self._foreign_owner(run.resource_check)
        if owner is None:
            return None
        is_same_account = run.check.principal.account == owner
        return grant_by(self._acl_bindings(run), run, self.semantics, is_same_account=is_same_account)

    def _foreign_owner(self, check: Check) -> str | None:
        owner = self.settings.object_owner
        if owner is None or not self.settings.acls_are_enabled or owner == check.owner:
            return None
        return owner if check.ask(_is_object) and check.action.name not in _DECIDED_BY_BUCKET else None

    def _acl_bindings(self, run: Run) -> Binding:
        acls = tuple(
            compile_policy(policy, self.semantics) for policy in self.resource_policies(run.resource_check)
        )
        attached = Attached((acls,))
        return Run(run.resource_check, {Layer.RESOURCE: attached}).bindings()

    def access_point(self, check: Check) -> AccessPoint | None:
        """Find the access point that the request goes through (S3-6)."""
        if not self.settings.access_points or not check.ask(_is_access_point):
            return None
        arn = check.resource.arn
        name = _access_point_arn(arn) if arn is not None else ""
        return next((point for point in self.settings.access_points if point.arn == name), None)

    def completed(self, check: Check) -> Check:
        """Requests through an access point carry its keys (S3-6), unless the request gives them."""
        point = self.access_point(check)
        if point is None:
            return check
        keys = {
            "s3:DataAccessPointArn": point.arn,
            "s3:DataAccessPointAccount": _account_of(point),
            "s3:AccessPointNetworkOrigin": "VPC" if point.vpc else "Internet",
            "aws:RequestedRegion": check.resource.region,  # the bucket behind it is asked there, too
        }
        own = Context(
            {key: value for key, value in keys.items() if check.context.get(key.lower()) is NOT_GIVEN}
        )
        return check.about(context=check.context.merged(own))

    def bucket_view(self, check: Check) -> Check | None:
        """Give the check as the bucket behind the access point sees it."""
        point = self.access_point(check)
        if point is None:
            return None
        _, _, key = check.resource.part.partition("/object/")
        bucket = f"arn:{check.resource.partition}:s3:::{point.bucket}" + (f"/{key}" if key else "")
        return check.about(resource=parse_resource(bucket))


def _is_object(check: Check) -> bool:
    """Objects and buckets have ARNs without region; access points have one."""
    resource = check.resource
    return resource.head is not None and not resource.region and "/" in resource.part


def _is_access_point(check: Check) -> bool:
    return check.resource.head is not None and check.resource.part.startswith("accesspoint/")


def _access_point_arn(arn: Arn) -> str:
    name = arn.resource.split("/")[1]
    return f"arn:{arn.partition}:s3:{arn.region}:{arn.account}:accesspoint/{name}"


def _sets_public_acl(check: Check) -> bool:
    """By a canned ACL, or by a grant to one of the public groups."""
    grants = [str(check.value(f"s3:x-amz-grant-{name}") or "") for name in _GRANT_HEADERS]
    to_group = any(f"groups/global/{group}" in grant for grant in grants for group in PUBLIC_GROUPS)
    return check.value("s3:x-amz-acl") in PUBLIC_ACLS or to_group


def _account_of(point: AccessPoint) -> str:
    return point.arn.split(":")[4]
