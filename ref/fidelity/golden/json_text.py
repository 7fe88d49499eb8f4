"""JSON that a person can read, and whose diff shows what changed."""

import json


def dump(content: dict) -> str:
    """Return JSON with a line per innermost list or dict, so that a diff shows what changed."""

    def write(value, indent):
        if isinstance(value, dict) and any(isinstance(item, dict | list) for item in value.values()):
            inner = ",\n".join(
                f"{indent} {json.dumps(key)}: {write(item, indent + ' ')}" for key, item in value.items()
            )
            return f"{{\n{inner}\n{indent}}}"
        if isinstance(value, list) and any(isinstance(item, dict) for item in value):
            inner = ",\n".join(f"{indent} {write(item, indent + ' ')}" for item in value)
            return f"[\n{inner}\n{indent}]"
        return json.dumps(value, ensure_ascii=False)

    return write(content, "") + "\n"
