"""Which actions hand a role to a service, so that iam:PassRole is checked as well? (SEMANTICS A-13, PR-1)

A selection of the common ones, 2026-11; AWS: id_roles_use_passrole, and the services' authorization pages.
"""

from __future__ import annotations

_PASSING = frozenset(
    """
    apprunner:createservice autoscaling:createautoscalinggroup autoscaling:createlaunchconfiguration
    batch:createcomputeenvironment batch:registerjobdefinition bedrock:createagent cloudformation:createchangeset
    cloudformation:createstack cloudformation:createstackset cloudformation:updatestack codebuild:createproject
    codebuild:updateproject codedeploy:createdeploymentgroup codepipeline:createpipeline
    codepipeline:updatepipeline config:putconfigurationrecorder ec2:associateiaminstanceprofile
    ec2:replaceiaminstanceprofileassociation ec2:requestspotinstances ec2:runinstances ecs:createservice
    ecs:registertaskdefinition ecs:runtask ecs:starttask eks:createcluster eks:createnodegroup
    elasticmapreduce:runjobflow events:putrule events:puttargets firehose:createdeliverystream glue:createcrawler
    glue:createdevendpoint glue:createjob glue:updatejob iot:createtopicrule lambda:createfunction
    lambda:updatefunctionconfiguration pipes:createpipe rds:addroletodbcluster rds:addroletodbinstance
    redshift:createcluster sagemaker:createendpointconfig sagemaker:createmodel sagemaker:createnotebookinstance
    sagemaker:createprocessingjob sagemaker:createtrainingjob scheduler:createschedule scheduler:updateschedule
    ssm:startautomationexecution states:createstatemachine states:updatestatemachine
    """.split()
)


def passes_role(action: str) -> bool:
    """Does this (lower-case) action hand a role to a service?"""
    return action in _PASSING
