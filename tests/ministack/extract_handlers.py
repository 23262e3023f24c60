"""
Writes cloudformation-handlers.json: for each resource type that Granary's templates use, what AWS's own schema of the type says its handlers call
("permissions" of "handlers"). cfn-lint ships those schemas; `python extract_handlers.py TYPE…` wants it installed.
"""

import json
import pathlib
import sys

import cfnlint

HERE = pathlib.Path(__file__).parent
SCHEMAS = pathlib.Path(cfnlint.__file__).parent / "data" / "schemas" / "resources"


def handlers(types):
    found = {}
    for path in SCHEMAS.glob("*.json"):
        schema = json.loads(path.read_text(encoding="utf-8"))
        name = schema.get("typeName")
        if name in types and name not in found:
            asked = schema.get("handlers") or {}
            found[name] = {
                verb: sorted(set(asked[verb].get("permissions", [])))
                for verb in ("create", "read", "update", "delete")
                if verb in asked
            }
    return dict(sorted(found.items()))


if __name__ == "__main__":
    lines = [f"  {json.dumps(name)}: {json.dumps(asked)}" for name, asked in handlers(set(sys.argv[1:])).items()]
    (HERE / "cloudformation-handlers.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
