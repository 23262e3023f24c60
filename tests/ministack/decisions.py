"""
What IAM decided, for those who check grants (tests/deploy/grants.ts): one JSON a line in the file of $GRANARY_DECISIONS. What was allowed is written once,
and again after SIGUSR1, by which whoever reads begins another chapter; each refusal is written.
"""

import contextvars
import json
import os
import signal
import threading

import ministack.core.iam_evaluator as evaluator

decide = evaluator.evaluate
decide_by_resource = evaluator.evaluate_resource_policy
by_resource = contextvars.ContextVar("granary_by_resource", default=False)
written, writing = set(), threading.Lock()


def evaluate_resource_policy(*args, **kwargs):
    token = by_resource.set(True)
    try:
        return decide_by_resource(*args, **kwargs)
    finally:
        by_resource.reset(token)


def needed_for(ctx, policies):
    """The one statement and action pattern without which the request would be denied, or None where two allow it or none does."""
    allowing = [
        {"action": pattern, "resources": statement.resources, "conditions": statement.conditions}
        for statements in policies
        for statement in statements
        if evaluator._first_match(ctx, [statement], "Allow")
        for pattern in statement.actions
        if evaluator.fnmatch_iam(ctx.action, pattern)
    ]
    return allowing[0] if len(allowing) == 1 else None


def evaluate(ctx, policies, *limits):
    """Decides as ministack does, and notes what was decided about a user or role."""
    result = decide(ctx, policies, *limits)
    if not by_resource.get() and ctx.principal_type in ("AssumedRole", "User"):
        role = ctx.principal_arn.split(":", 5)[-1]
        needed = needed_for(ctx, policies) if result.decision == "Allow" else None
        note(role, ctx.action, ctx.resource_arn, result.decision, needed)
    return result


def note(role, asked, arn, decision, needed):
    where = os.environ.get("GRANARY_DECISIONS")
    line = {"by": role, "action": asked, "resource": arn, "decision": decision}
    if needed:
        line["needs"] = needed
    text = json.dumps(line)
    with writing:
        if not where or decision == "Allow" and text in written:
            return
        written.add(text)
        with open(where, "a", encoding="utf-8") as out:
            out.write(text + "\n")


def install():
    evaluator.evaluate, evaluator.evaluate_resource_policy = evaluate, evaluate_resource_policy
    signal.signal(signal.SIGUSR1, lambda *_: written.clear())
