"""
CloudFormation: "If you don't specify a service role, CloudFormation uses a temporary session that is generated from your user credentials" (User Guide,
service role): whoever deploys must be allowed what the handlers of the resource types call. ministack asks that of nobody; here it is asked.

Which calls those are says AWS's schema of each type (cloudformation-handlers.json, see extract_handlers.py), without those that belong to a property which
the resource does not have. A change calls what `update` and `read` list, and so on.
"""

import json
import pathlib
import re

import caller
import ministack.services.cloudformation.changesets as changesets
import ministack.services.cloudformation.provisioners as provisioners
import ministack.services.cloudformation.stacks as stacks
from ministack.core.responses import get_account_id, get_region

HANDLERS = json.loads((pathlib.Path(__file__).parent / "cloudformation-handlers.json").read_text(encoding="utf-8"))

# A call, and the property without which its type's handler does not make it; None: no template of ours has what it is
# for.
ONLY_FOR = [
    (r"AWS::S3::Bucket s3:PutEncryptionConfiguration", "BucketEncryption"),
    (r"AWS::S3::Bucket s3:PutBucketCORS", "CorsConfiguration"),
    (r"AWS::S3::Bucket s3:PutLifecycleConfiguration", "LifecycleConfiguration"),
    (r"AWS::S3::Bucket s3:PutBucketPublicAccessBlock", "PublicAccessBlockConfiguration"),
    (r"AWS::S3::Bucket s3:PutBucketVersioning", "VersioningConfiguration"),
    (r"AWS::S3::Bucket s3:PutBucketOwnershipControls", "OwnershipControls"),
    (r"AWS::S3::Bucket s3:(CreateBucket|PutBucketTagging|Get\w+|List\w+|DeleteBucket)", ""),
    (r"AWS::S3::Bucket .*", None),
    (r"AWS::DynamoDB::Table dynamodb:Update(TimeToLive)", "TimeToLiveSpecification"),
    (r"AWS::DynamoDB::Table dynamodb:UpdateContinuousBackups", "PointInTimeRecoverySpecification"),
    (r"AWS::DynamoDB::Table dynamodb:((Create|Delete|Update|Describe)Table|TagResource|ListTagsOfResource)", ""),
    (r"AWS::DynamoDB::Table dynamodb:(Describe(TimeToLive|ContinuousBackups|ContributorInsights|Kinesis\w+)|GetResourcePolicy)", ""),
    (r"AWS::DynamoDB::Table .*", None),
    (r"AWS::Lambda::Function iam:PassRole", "Role"),
    (r"AWS::Lambda::Function s3:GetObject(Version)?", "Code"),
    (r"AWS::Lambda::Function lambda:\w*FunctionConcurrency", "ReservedConcurrentExecutions"),
    (r"AWS::Lambda::Function lambda:((Create|Delete)Function|UpdateFunction(Code|Configuration))", ""),
    (r"AWS::Lambda::Function lambda:(TagResource|Get(Function|FunctionCodeSigningConfig|FunctionRecursionConfig|RuntimeManagementConfig))", ""),
    (r"AWS::Lambda::Function .*", None),
    (r"AWS::IAM::Role iam:(Attach|Detach)RolePolicy", "ManagedPolicyArns"),
    (r"AWS::IAM::Role iam:(PutRolePermissionsBoundary|DeleteRolePermissionsBoundary)", "PermissionsBoundary"),
    (r"AWS::IAM::Role iam:UpdateRoleDescription", "Description"),
    (r"AWS::KMS::Key kms:(DisableKey|DisableKeyRotation|EnableKey)", None),
    (r"AWS::ApiGateway::(?!Account)\w+ (iam|s3):.*", None),
    (r"AWS::ApiGateway::\w+ apigateway:UpdateRestApiPolicy", "Policy"),
    (r"AWS::Logs::LogGroup logs:(Describe\w+Groups|CreateLogGroup|DeleteLogGroup|PutRetentionPolicy|TagResource|ListTagsForResource)", ""),
    (r"AWS::Logs::LogGroup .*", None),
    (r"AWS::Athena::WorkGroup (iam|s3|kms):.*", None),
    (r"AWS::Cognito::\w+ (iam|kms):.*", None),
    (r"AWS::Cognito::UserPool cognito-idp:AddCustomAttributes", "Schema"),
    (r"AWS::Events::Rule iam:PassRole", None),
    (r"AWS::Glue::Database (lakeformation:.*|glue:\w+Connection)", None),
    (r"AWS::Lambda::EventSourceMapping kms:.*", "KmsKeyArn"),
    (r"AWS::Budgets::Budget billing:.*", None),
    (r"AWS::SNS::\w+ (iam:.*|sns:PutDataProtectionPolicy)", None),
    (r"AWS::SNS::Topic sns:(Subscribe|Unsubscribe)", "Subscription"),
    # The stack's tags reach every resource, and stay.
    (r".* \w+(-\w+)?:Untag\w+", None),
]

# "Actions … do not support resource-level permissions": their resource is `*` (Service Authorization Reference).
WITHOUT_RESOURCE = re.compile(
    r"cognito-idp:CreateUserPool|kms:(CreateKey|ListAliases)|lambda:CreateEventSourceMapping|logs:(DescribeLogGroups|\w*QueryDefinitions?)"
    r"|sns:(GetSubscriptionAttributes|SetSubscriptionAttributes|Unsubscribe)"
)


def asked(kind, operation, props):
    """The calls that a handler makes for a resource with these properties."""
    handlers = HANDLERS.get(kind)
    if handlers is None:
        raise ValueError(f"{kind} is not in cloudformation-handlers.json: run extract_handlers.py with it")
    verbs = ["delete"] if operation == "delete" else [operation if operation in handlers else "create", "read"]
    for call in sorted({call for verb in verbs for call in handlers.get(verb, [])}):
        found = next((wants for pattern, wants in ONLY_FOR if re.fullmatch(pattern, f"{kind} {call}")), "")
        if found == "" or (found is not None and props.get(found) not in (None, [], {})):
            yield call


def places(kind, call, props, physical):
    """The ARNs that a call is authorised on."""
    region, account = get_region(), get_account_id()
    service = kind.split("::")[1]

    def arn(name, rest, of=f"{region}:{account}"):
        return f"arn:aws:{name}:{of}:{rest}"

    name = physical.rsplit("/", 1)[-1] if physical.startswith("arn:") else physical
    if WITHOUT_RESOURCE.fullmatch(call):
        return ["*"]
    if call == "iam:PassRole" or call == "iam:GetRole" and kind != "AWS::IAM::Role":
        return [str(props.get("Role") or props.get("CloudWatchRoleArn"))]
    if call.startswith("s3:GetObject"):
        code = props.get("Code") or {}
        return [arn("s3", f"{code.get('S3Bucket')}/{code.get('S3Key')}", ":")] if code.get("S3Bucket") else []
    if service == "S3":
        return [arn("s3", props.get("Bucket") or name, ":")]
    if service == "IAM":
        return [arn("iam", f"role/{name}", f":{account}")]
    if service == "DynamoDB":
        return [arn("dynamodb", f"table/{name}")]
    if service == "Lambda":
        if kind.endswith("EventSourceMapping"):
            return [arn("lambda", f"event-source-mapping:{name}")]
        named = str(props.get("FunctionName") or physical)
        return [arn("lambda", f"function:{named.split(':function:')[-1].split(':')[0]}")]
    if service == "Logs":
        group = props.get("LogGroupName") or physical
        stream = f":log-stream:{physical}" if kind.endswith("LogStream") and call != "logs:DescribeLogStreams" else ""
        return [arn("logs", f"log-group:{group}{stream}")]
    if service == "SQS":
        return [arn("sqs", props.get("QueueName") or name)]
    if service == "SNS":
        return [str(props.get("TopicArn") or (props.get("Topics") or [None])[0] or physical)]
    if service == "Events":
        return [arn("events", f"rule/{name.split('|')[-1]}")]
    if service == "KMS":
        if kind.endswith("Alias"):
            key = str(props.get("TargetKeyId")).rsplit("/", 1)[-1]
            return [arn("kms", props.get("AliasName") or physical), arn("kms", f"key/{key}")]
        return [arn("kms", f"key/{name}")]
    if service == "Cognito":
        return [arn("cognito-idp", f"userpool/{props.get('UserPoolId') or physical}")]
    if service == "Glue":
        database = (props.get("DatabaseInput") or {}).get("Name") or physical
        return [arn("glue", f"database/{database}"), arn("glue", "catalog")]
    if service == "Athena":
        return [arn("athena", f"workgroup/{props.get('Name') or physical}")]
    if service == "CloudWatch":
        if kind.endswith("Dashboard") :
            return [arn("cloudwatch", f"dashboard/{props.get('DashboardName') or name}", f":{account}")]
        return [arn("cloudwatch", f"alarm:{props.get('AlarmName') or name.split(':')[-1]}")]
    if service == "XRay":
        return [arn("xray", f"group/{props.get('GroupName') or name}/*")]
    if service == "Budgets":
        return [arn("budgets", f"budget/{((props.get('Budget') or {}).get('BudgetName')) or name}", f":{account}")]
    if service == "ApiGateway":
        return [gateway_path(kind, call, props, physical, region)]
    raise ValueError(f"no rule says what {call} of {kind} is authorised on")


def gateway_path(kind, call, props, physical, region):
    """API Gateway's resources are the paths of its own API: what makes one is authorised on the collection."""
    api, kind, made = props.get("RestApiId"), kind.split("::")[2], call.endswith(":POST")
    ids = {
        "Authorizer": f"authorizers/{physical}",
        "Deployment": f"deployments/{physical}",
        "GatewayResponse": f"gatewayresponses/{props.get('ResponseType')}",
        "Method": f"resources/{props.get('ResourceId')}/methods/{props.get('HttpMethod')}",
        "Resource": f"resources/{props.get('ParentId') if made else physical}",
        "Stage": f"stages/{props.get('StageName') or physical}",
    }
    if kind == "Account":
        return f"arn:aws:apigateway:{region}::/account"
    if kind == "RestApi":
        return f"arn:aws:apigateway:{region}::/restapis" + ("" if made else f"/{physical}")
    path = ids[kind].split("/")[0] if made and kind != "Resource" else ids[kind]
    return f"arn:aws:apigateway:{region}::/restapis/{api}/{path}"


def conditions(kind, call, props):
    """The condition keys of a call."""
    if call == "iam:PassRole":
        return {"iam:PassedToService": f"{'apigateway' if 'ApiGateway' in kind else 'lambda'}.amazonaws.com"}
    if call in ("iam:AttachRolePolicy", "iam:DetachRolePolicy"):
        return {"iam:PolicyARN": props["ManagedPolicyArns"][0]}
    return {}


def check(kind, operation, props, physical):
    """Raises what CloudFormation says when whoever called it may not do what it does for them."""
    if kind.startswith(("AWS::CloudFormation::", "Custom::")) or not caller.is_checked():
        return
    for call in asked(kind, operation, props or {}):
        for place in places(kind, call, props or {}, str(physical)):
            refusal = caller.refusal(call, place, conditions(kind, call, props or {}))
            if refusal:
                raise ValueError(f"{refusal} ({operation} of {kind})")


create, update, delete = provisioners._provision_resource, provisioners._update_resource, provisioners._delete_resource


def provision_resource(kind, logical_id, props, stack_name):
    physical, attributes = create(kind, logical_id, props, stack_name)
    # AWS asks only for what creating it takes. Whoever deploys a stage must be able to change it and to take it away:
    # that is told here, not then.
    for operation in ("create", "update", "delete"):
        check(kind, operation, props, physical)
    return physical, attributes


def update_resource(kind, physical, old_props, new_props, *rest, **more):
    if old_props != new_props:
        check(kind, "update", new_props, physical)
    return update(kind, physical, old_props, new_props, *rest, **more)


def delete_resource(kind, physical, props, *rest, **more):
    check(kind, "delete", props, physical)
    return delete(kind, physical, props, *rest, **more)


adopt = provisioners._import_resource


def import_resource(kind, identifier):
    physical, attributes = adopt(kind, identifier)
    check(kind, "read", identifier, physical)
    return physical, attributes


def install():
    for module in (provisioners, stacks, changesets):
        module._import_resource = import_resource
    for module in (provisioners, stacks):
        module._provision_resource = provision_resource
        module._update_resource = update_resource
        module._delete_resource = delete_resource
