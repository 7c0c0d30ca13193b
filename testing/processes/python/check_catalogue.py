"""Validates a response of our worker strictly with the models of the real package.

Usage: python check_catalogue.py tools|call|resources|contents < answer.json
A response is valid if the model accepts it without conversion, and dumps it with the same members.
Prints one line per difference; the exit code is 1 if there are any.
"""

import json
import sys

from arcade_core.schema import ToolCallResponse, ToolDefinition
from pydantic import BaseModel, ValidationError


def disagreements(model: type[BaseModel], entry: object, place: str) -> list[str]:
    text = json.dumps(entry)
    try:
        loaded = model.model_validate_json(text, strict=True)
    except ValidationError as error:
        return [f"{place}.{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
    dumped = json.loads(loaded.model_dump_json(by_alias=True, exclude_none=is_of_resources()))
    return differences(dumped if is_of_resources() else without_absent_meta(dumped, entry), entry, place)


def is_of_resources() -> bool:
    """Responses about resources omit members without a value; all others send null (1.32.1)."""
    return sys.argv[1] in ("resources", "contents")


def without_absent_meta(dumped: object, entry: object) -> object:
    """A tool without a page has a null `_meta` in 1.32 and none in 1.26; ours follows 1.26."""
    if isinstance(dumped, dict) and isinstance(entry, dict) and "_meta" not in entry and dumped.get("_meta") is None:
        return {key: value for key, value in dumped.items() if key != "_meta"}
    return dumped


def differences(ours_as_loaded: object, entry: object, place: str) -> list[str]:
    if isinstance(ours_as_loaded, dict) and isinstance(entry, dict):
        keys = sorted(ours_as_loaded.keys() | entry.keys())
        return [
            line
            for key in keys
            for line in (
                [f"{place}.{key}: unknown to the model"]
                if key not in ours_as_loaded
                else [f"{place}.{key}: missing in the response"]
                if key not in entry
                else differences(ours_as_loaded[key], entry[key], f"{place}.{key}")
            )
        ]
    if isinstance(ours_as_loaded, list) and isinstance(entry, list) and len(ours_as_loaded) == len(entry):
        return [
            line
            for index, (a, b) in enumerate(zip(ours_as_loaded, entry))
            for line in differences(a, b, f"{place}.{index}")
        ]
    # Python writes 1.0 where JavaScript writes 1; they are equal.
    return [] if ours_as_loaded == entry else [f"{place}: became {ours_as_loaded!r}, was {entry!r}"]


def main() -> int:
    answer = json.load(sys.stdin)
    if sys.argv[1] == "tools":
        if not isinstance(answer, list) or not answer:
            print("the catalogue is not a list of tools")
            return 1
        found = [line for tool in answer for line in disagreements(ToolDefinition, tool, tool.get("name", "?"))]
    elif sys.argv[1] == "call":
        found = disagreements(ToolCallResponse, answer, "answer")
    else:
        # Requires 1.32.
        from arcade_core.resource_schema import ListResourcesResult, ReadResourceResult

        model = ListResourcesResult if sys.argv[1] == "resources" else ReadResourceResult
        found = disagreements(model, answer, "answer")
    print("\n".join(found))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
