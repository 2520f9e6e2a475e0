"""Which services decide some calls in their own way? One file each, and the table that names them."""

from __future__ import annotations

from policyeval.authorizers.apigateway import ApiGatewayRules
from policyeval.authorizers.cross_account import LimitedAcrossAccounts
from policyeval.authorizers.iam import IamRules
from policyeval.authorizers.kms import KmsRules
from policyeval.authorizers.lambda_ import LambdaRules
from policyeval.authorizers.s3 import S3Rules
from policyeval.authorizers.sts import StsRules
from policyeval.evaluation import ServiceRules
from policyeval.semantics import Semantics
from policyeval.settings import Settings


def rules_of(service: str, settings: Settings, semantics: Semantics) -> ServiceRules:
    """Give the rules of a service; most services are ordinary."""
    match service:
        case "apigateway" | "execute-api":
            return ApiGatewayRules(semantics, settings.apigateway)
        case "iam":
            return IamRules(semantics)
        case "kms":
            return KmsRules(semantics, settings.kms_grants)
        case "lambda":
            return LambdaRules(semantics)
        case "s3":
            return S3Rules(semantics, settings.s3)
        case "sts":
            return StsRules(semantics)
        case "sqs" | "dynamodb":
            return LimitedAcrossAccounts(semantics)
    return ServiceRules(semantics)
