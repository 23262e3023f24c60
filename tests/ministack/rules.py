"""
ministack with what it lacks of AWS for this project. Each rule below is one sentence of AWS's documentation; what it
does beside is leave ministack as it is. Started by ministack.ts, with ministack's own variables (PORT, AUTH,
MINISTACK_ACCOUNT_ID).
"""

import json
import os
import re
import signal
import tempfile
import threading
import time
from urllib.parse import urlparse

import ministack.core.iam_actions as actions
import ministack.core.iam_evaluator as evaluator
import ministack.services.cloudformation.provisioners as provisioners

import caller
import cloudformation_caller
import decisions
import kms_conditions
from ministack.core.responses import get_account_id, get_region


def member(body, name):
    """What a request in JSON says under a name, or None."""
    try:
        return json.loads(body or b"{}").get(name)
    except (ValueError, AttributeError):
        return None


# --- Which action a request is authorised by ---

action_of_request = actions.extract_iam_action


def action(*args, **kwargs):
    """SQS: "For batch operations, use the single-message action" (Service Authorization Reference lists no *Batch
    actions)."""
    found = action_of_request(*args, **kwargs)
    return found.removesuffix("Batch") if found and found.startswith("sqs:") else found


actions.extract_iam_action = action

# --- Which resource a request is authorised on ---

resource_of_request = actions.extract_resource_arn


def key_of_alias(region, account, alias):
    """KMS: "To control access to a KMS key, the resource is the key's ARN; an alias in it has no effect" (Developer
    Guide, Key policies)."""
    from ministack.services import kms

    key = kms._aliases.get(alias)
    if not key:
        return alias
    return key if str(key).startswith("arn:") else f"arn:aws:kms:{region}:{account}:key/{key}"


def workgroup_of_query(region, account, body):
    """Athena: "GetQueryExecution, resource type workgroup" (Service Authorization Reference): a query's resource is
    the workgroup it ran in."""
    from ministack.services import athena

    ids = [member(body, "QueryExecutionId"), *(member(body, "QueryExecutionIds") or [])]
    known = next((athena._executions[one] for one in ids if one and one in athena._executions), None)
    return known and f"arn:aws:athena:{region}:{account}:workgroup/{known.get('WorkGroup', 'primary')}"


def resource(service, method, path, headers, body, query_params, region, account, *rest, **kwargs):
    found = resource_of_request(service, method, path, headers, body, query_params, region, account, *rest, **kwargs)
    if service == "kms" and isinstance(found, str) and ":alias/" in found:
        return key_of_alias(region, account, found)
    if service == "logs" and member(body, "logStreamName") and isinstance(found, str) and ":log-group:" in found:
        # CloudWatch Logs: "PutLogEvents, resource type log-stream" (Service Authorization Reference).
        return f"{found}:log-stream:{member(body, 'logStreamName')}"
    if service == "athena":
        return workgroup_of_query(region, account, body) or found
    return found


actions.extract_resource_arn = resource

# --- What a request says for conditions ---

context_of_items = actions.dynamodb_service_context


def key_name(table, index):
    """The attribute that is the partition key of a table, or of one of its indexes."""
    indexes = [*(table.get("GlobalSecondaryIndexes") or []), *(table.get("LocalSecondaryIndexes") or [])]
    of_index = next((one for one in indexes if one.get("IndexName") == index), table)
    return next((key["AttributeName"] for key in of_index.get("KeySchema", []) if key["KeyType"] == "HASH"), None)


def items_of(requests):
    """Of one table of BatchGetItem, `{"Keys": [...]}`, or of BatchWriteItem, `[{"PutRequest": {"Item": ...}},
    {"DeleteRequest": {"Key": ...}}]`."""
    if isinstance(requests, dict):
        return requests.get("Keys") or []
    parts = [part for one in requests for part in one.values()]
    return [part.get("Item") or part.get("Key") or {} for part in parts]


def leading_keys(body):
    """The partition keys that a request names: of its item, of each of a batch, or of its query, in the table or the
    index."""
    from ministack.services import dynamodb

    asked = []
    for name, requests in (member(body, "RequestItems") or {}).items():
        key = key_name(dynamodb._tables.get(name) or {}, None)
        asked += [item.get(key) for item in items_of(requests)]
    name = key_name(dynamodb._tables.get(member(body, "TableName") or "") or {}, member(body, "IndexName"))
    item = member(body, "Key") or member(body, "Item") or {}
    condition = re.search(r"([#\w]+)\s*=\s*(:\w+)", member(body, "KeyConditionExpression") or "")
    if condition and (member(body, "ExpressionAttributeNames") or {}).get(condition[1], condition[1]) == name:
        item = {name: (member(body, "ExpressionAttributeValues") or {}).get(condition[2])}
    values = [value for value in [*asked, item.get(name)] if isinstance(value, dict) and value]
    return sorted({str(next(iter(value.values()))) for value in values})


def context_with_keys(body):
    """DynamoDB: "dynamodb:LeadingKeys represents the first key attribute of a table - in other words, the partition
    key" (Developer Guide)."""
    keys = leading_keys(body)
    return {**context_of_items(body), **({"dynamodb:LeadingKeys": keys} if keys else {})}


actions.dynamodb_service_context = context_with_keys

kms_conditions.install()

# --- What else a request must be allowed ---

enforce_one = evaluator.enforce


def besides(action, arn):
    """(action, ARN, condition keys) that are asked besides the action itself."""
    if action == "s3:GetObject" and "/" in arn:
        # S3: "If the object you request doesn't exist, the error depends on whether you also have the s3:ListBucket
        # permission" (API GetObject).
        from ministack.services import s3

        bucket, key = arn.removeprefix("arn:aws:s3:::").split("/", 1)
        if key not in (s3._buckets.get(bucket) or {}).get("objects", {key: None}):
            yield "s3:ListBucket", f"arn:aws:s3:::{bucket}", {"s3:prefix": key}
    if action.startswith("glue:") and ":table/" in arn:
        # Glue: "For a table, you also need permission on the database and the catalog" (Developer Guide, "Specifying
        # AWS Glue resource ARNs").
        start, table = arn.split(":table/")
        yield action, f"{start}:catalog", {}
        yield action, f"{start}:database/{table.split('/')[0]}", {}


def enforce(access_key_id, iam_action, service, region, resource_arn="*", service_context=None):
    refused = enforce_one(access_key_id, iam_action, service, region, resource_arn=resource_arn, service_context=service_context)
    for action, arn, keys in besides(iam_action, resource_arn):
        refused = refused or enforce_one(access_key_id, action, service, region, resource_arn=arn, service_context=keys)
    return refused


evaluator.enforce = enforce

# --- Transport ---

pin_request_origin = evaluator.pin_request_origin


def pinned_as_tls(source_ip, _secure_transport):
    """AWS listens with TLS, ministack here without: a policy that wants TLS is answered as AWS would answer the same
    request."""
    pin_request_origin(source_ip, True)


evaluator.pin_request_origin = pinned_as_tls

# --- CloudFormation ---

create_deployment = provisioners._apigw_deployment_create


def deployment(logical_id, props, stack_name):
    """API Gateway: "StageDescription cannot be specified when stage referenced by StageName already exists" (what
    CreateDeployment answers)."""
    stages = provisioners._apigw_v1._stages_v1.get(props.get("RestApiId", ""), {})
    if props.get("StageDescription") and stages.get(props.get("StageName")):
        raise ValueError("StageDescription cannot be specified when stage referenced by StageName already exists")
    return create_deployment(logical_id, props, stack_name)


handlers = provisioners._RESOURCE_HANDLERS["AWS::ApiGateway::Deployment"]
for operation, handler in list(handlers.items()):
    if handler is create_deployment:
        handlers[operation] = deployment



def named(kind, name):
    """Types of resources that ministack does not know (User Guide, "AWS resource and property types reference"): they
    are there, and do nothing."""

    def create(logical_id, props, stack_name):
        physical = str(props.get(name) or f"{stack_name}-{logical_id}")
        physical = str((props.get("Budget") or {}).get("BudgetName") or physical)
        of = {"AWS::CloudWatch::CompositeAlarm": "cloudwatch", "AWS::XRay::Group": "xray"}.get(kind, "logs")
        what = {"cloudwatch": f"alarm:{physical}", "xray": f"group/{physical}/0"}.get(of, f"query-definition:{physical}")
        arn = f"arn:aws:{of}:{get_region()}:{get_account_id()}:{what}"
        return (arn if of == "xray" else physical), {"Arn": arn, "GroupARN": arn, "QueryDefinitionId": physical}

    def update(physical, _old, _new, _stack_name):
        return physical, {}

    provisioners._RESOURCE_HANDLERS.setdefault(kind, {"create": create, "update": update, "delete": lambda *_: None})


def alarms_of_expressions():
    """CloudFormation: "Metrics: an array that enables you to create an alarm based on the result of a metric math
    expression": it is there, and is not evaluated."""
    known = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]
    make, change = known["create"], known["update"]

    def create(logical_id, props, stack_name):
        if "Metrics" not in props:
            return make(logical_id, props, stack_name)
        name = str(props.get("AlarmName") or f"{stack_name}-{logical_id}")
        return name, {"Arn": f"arn:aws:cloudwatch:{get_region()}:{get_account_id()}:alarm:{name}"}

    def update(physical, old, new, stack_name, *rest):
        return (physical, {}) if "Metrics" in new else change(physical, old, new, stack_name, *rest)

    provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"] = {**known, "create": create, "update": update}


alarms_of_expressions()
named("AWS::CloudWatch::CompositeAlarm", "AlarmName")
named("AWS::Logs::QueryDefinition", "Name")
named("AWS::XRay::Group", "GroupName")
named("AWS::Budgets::Budget", "BudgetName")
cloudformation_caller.install()

# --- Athena ---

import ministack.services.athena as athena  # noqa: E402

relation_of_table = athena._table_relation


def relation(table, files):
    """Hive's SymlinkTextInputFormat, which Athena reads: "the files of such a table name the files that hold its
    rows"."""
    if "SymlinkTextInputFormat" not in str((table.get("StorageDescriptor") or {}).get("InputFormat")):
        return relation_of_table(table, files)
    from ministack.services import s3

    folder, found = tempfile.mkdtemp(prefix="ministack-athena-"), []
    for manifest in files:
        with open(manifest, encoding="utf-8") as lines:
            for line in lines.read().split():
                at = urlparse(line)
                path = os.path.join(folder, f"{len(found)}-{os.path.basename(at.path)}")
                with open(path, "wb") as copy:
                    copy.write(s3._get_object_data(at.netloc, at.path.lstrip("/")))
                found.append(path)
    return relation_of_table(table, found)


athena._table_relation = relation
run_query, save_results = athena._execute_query, athena._save_query_results


async def save_query_results(query_id):
    """Athena: "ResultConfiguration.OutputLocation" of a query that was started is the file of its results itself;
    ministack writes them one folder deeper."""
    result = athena._executions[query_id]["ResultConfiguration"]
    file = result["OutputLocation"]
    result["OutputLocation"] = file.removesuffix(f"/{query_id}.csv")
    try:
        await save_results(query_id)
    finally:
        result["OutputLocation"] = file


def data_of(bucket, prefix):
    """The objects of a table, and those that they name (see `relation`)."""
    from ministack.services import s3

    for key in [one for one in s3._buckets[bucket]["objects"] if one.startswith(prefix)]:
        yield f"{bucket}/{key}"
        if key.endswith("symlink.txt"):
            for line in s3._get_object_data(bucket, key).decode().split():
                yield line.removeprefix("s3://")


def needs_of_query(query_id, query, database):
    """
    Athena: "you must have permissions to the tables in Glue and to the data and the results in Amazon S3" (User
    Guide, "Access to Amazon S3", and "Fine-grained access to databases and tables", whose examples these are). Yields
    (call, ARN, condition keys).
    """
    from ministack.services import glue

    region, account = get_region(), get_account_id()
    catalog = f"arn:aws:glue:{region}:{account}:"
    output = urlparse(athena._executions[query_id]["ResultConfiguration"]["OutputLocation"])
    bucket, prefix = f"arn:aws:s3:::{output.netloc}", output.path.lstrip("/")
    for call in ("glue:GetDatabase", "glue:CreateDatabase"):
        for place in ("catalog", "database/default"):
            yield call, catalog + place, {}
    for table in athena._table_references(query):
        name = table.database or database
        for call in ("glue:GetDatabase", "glue:GetTable", "glue:GetPartitions"):
            for place in ("catalog", f"database/{name}", *([] if call == "glue:GetDatabase" else [f"table/{name}/{table.table}"])):
                yield call, catalog + place, {}
        found = glue._tables.get(f"{name}/{table.table}") or {}
        at = urlparse((found.get("StorageDescriptor") or {}).get("Location") or "")
        if at.netloc:
            yield "s3:ListBucket", f"arn:aws:s3:::{at.netloc}", {"s3:prefix": at.path.lstrip("/")}
            for key in data_of(at.netloc, at.path.lstrip("/")):
                yield "s3:GetObject", f"arn:aws:s3:::{key}", {}
    for call in ("s3:GetBucketLocation", "s3:ListBucketMultipartUploads"):
        yield call, bucket, {}
    for call in ("s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"):
        yield call, f"{bucket}/{prefix}", {}


async def execute_query(query_id, query, database, *rest):
    """Athena: "Athena runs queries with the permissions of the principal who submits them" (User Guide, "Identity and
    access management")."""
    refusals = (caller.refusal(call, place, context) for call, place, context in needs_of_query(query_id, query, database))
    refusal = next((one for one in refusals if one), None)
    if not refusal:
        return await run_query(query_id, query, database, *rest)
    status = athena._executions[query_id]["Status"]
    status.update(State="FAILED", StateChangeReason=refusal, CompletionDateTime=int(time.time()))


athena._execute_query, athena._save_query_results = execute_query, save_query_results


# --- Lambda ---

import ministack.services.lambda_svc as functions  # noqa: E402

keep_log = functions._emit_lambda_logs
mappings = functions._iter_all_esms


def emit_logs(func, request_id, log_text, *rest, **more):
    """
    Lambda: "your function needs permission to upload logs to CloudWatch Logs", with its execution role (Developer
    Guide, "Sending Lambda function logs"), and "to upload trace data to X-Ray" where it is traced ("Visualize Lambda
    function invocations using X-Ray"). Without, what it says is lost.
    """
    config = func.get("config") or func
    _, _, _, region, account, _ = config["FunctionArn"].split(":", 5)
    group = (config.get("LoggingConfig") or {}).get("LogGroup") or f"/aws/lambda/{config['FunctionName']}"
    stream = f"arn:aws:logs:{region}:{account}:log-group:{group}:log-stream:{request_id}"
    refused = [caller.refusal_of_function(config, call, stream) for call in ("logs:CreateLogStream", "logs:PutLogEvents")]
    if (config.get("TracingConfig") or {}).get("Mode") == "Active":
        for call in ("xray:PutTraceSegments", "xray:PutTelemetryRecords"):
            caller.refusal_of_function(config, call, "*")
    if not any(refused):
        keep_log(func, request_id, log_text, *rest, **more)


def served_mappings():
    """Lambda: "Lambda needs the following permissions to manage messages in your Amazon SQS queue. Add them to your
    function's execution role"."""
    for account, region, mapping in mappings():
        source = mapping.get("EventSourceArn", "")
        found = functions._functions.get_scoped(account, region, mapping["FunctionName"]) if ":sqs:" in source else None
        calls = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes") if found else ()
        if not any([caller.refusal_of_function(found.get("config") or found, call, source) for call in calls]):
            yield account, region, mapping


functions._emit_lambda_logs, functions._iter_all_esms = emit_logs, served_mappings

decisions.install()

# --- The process ---


def end_with(parent):
    """Nobody can pass a SIGKILL on: when who started this is gone, this ends with all the functions it runs."""
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    from ministack.app import main

    main()
