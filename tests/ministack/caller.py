"""Whoever signed the request that is under way, for what a service does in their name."""

import ministack.core.iam_evaluator as evaluator
from ministack.core.responses import get_account_id, get_region


def principal_of_request():
    # Empty for the root user, whose key ministack does not verify, and where no request is under way.
    key = evaluator._verified_key.get()
    return evaluator.resolve_principal(key, get_account_id()) if key else None


def is_checked():
    """Of the root user and of ministack's own work nothing is asked."""
    return getattr(principal_of_request(), "policies", None) is not None


def refusal(call, place, context=None):
    """What AWS says when they may not make a call on a resource (its ARN), or None. `context`: condition keys and their values."""
    principal = principal_of_request()
    if getattr(principal, "policies", None) is None:
        return None
    return refusal_of(principal, call, place, context)


def refusal_of_function(function, call, place):
    """The same of a function's role (`function`: its configuration), for what Lambda does in its name."""
    role = function["Role"].rsplit("/", 1)[-1]
    account = function["Role"].split(":")[4]
    arn = f"arn:aws:sts::{account}:assumed-role/{role}/{function['FunctionName']}"
    policies = evaluator._gather_role_policies(role, account)
    return refusal_of(evaluator.PrincipalInfo(arn, "AssumedRole", account, policies), call, place)


def refusal_of(principal, call, place, context=None):
    asked = evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=call,
        resource_arn=place,
        region=get_region(),
        service_context={key.lower(): value for key, value in (context or {}).items()},
        principal_keys=principal.keys,
    )
    if evaluator.evaluate(asked, principal.policies, *principal.limits).decision == "Allow":
        return None
    return f"User: {principal.arn} is not authorized to perform: {call} on resource: {place}"
