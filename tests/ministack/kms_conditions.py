"""KMS's condition keys, which ministack has for other services: what a policy says of a key's tags and of what is authenticated with the ciphertext."""

import json

import ministack.core.iam_actions as actions
from ministack.core.responses import get_account_id, get_region
from ministack.services import kms

context_of_request = actions.request_tag_context


def key_of(body):
    """The key that a request is about, also where only the ciphertext names it."""
    place = actions.extract_resource_arn("kms", "POST", "/", {}, body, {}, get_region(), get_account_id())
    return kms._keys.get(str(place).rsplit("/", 1)[-1])


def context(service, iam_action, body, *rest, **more):
    """
    KMS: "aws:ResourceTag: controls access to a KMS key based on the tags on the KMS key", and "kms:EncryptionContext:context-key: controls access to a
    symmetric encryption KMS key based on the encryption context in a request for a cryptographic operation" (Developer Guide).
    """
    found = dict(context_of_request(service, iam_action, body, *rest, **more) or {})
    if service != "kms":
        return found
    try:
        asked = json.loads(body or b"{}")
    except ValueError:
        return found
    for name, value in (asked.get("EncryptionContext") or {}).items():
        found[f"kms:encryptioncontext:{name.lower()}"] = value
    for tag in (key_of(body) or {}).get("Tags") or []:
        found[f"aws:resourcetag/{tag['TagKey'].lower()}"] = tag["TagValue"]
    return found


decrypt = kms._decrypt


def decrypt_by_named_key(data):
    """KMS: "If you specify a different KMS key, the Decrypt operation throws an IncorrectKeyException" (API Reference, Decrypt)."""
    named = data.get("KeyId") and kms._resolve_key(data["KeyId"])
    told = actions._kms_key_id_from_ciphertext(data.get("CiphertextBlob"))
    if named and told and named["KeyId"] != told:
        message = "The key ID in the request does not identify a CMK that can perform this operation."
        return kms.error_response_json("IncorrectKeyException", message, 400)
    return decrypt(data)


def install():
    actions.request_tag_context = context
    kms._decrypt = decrypt_by_named_key
