"""Typical use of an endpoint by a client of the Python SDK or of fastmcp.

Arguments: `sdk` or `fastmcp`, a connection mode, the toolkit's name, then a URL, or a program and its arguments.
Prints one JSON line with the results; exits with 1 on any error.
"""

import asyncio
import json
import sys

import fastmcp
from fastmcp.client.transports import StdioTransport
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client

kind, mode, toolkit, *target = sys.argv[1:]
ODD = "a\u2028b\u2029\u00fc \U0001f642\r\n\t\"\\"


def client():
    is_url = target[0].startswith("http")
    command = {"command": target[0], "args": target[1:]}
    if kind == "fastmcp":
        return fastmcp.Client(target[0] if is_url else StdioTransport(**command), mode=mode)
    return Client(target[0] if is_url else stdio_client(StdioServerParameters(**command)), mode=mode)


async def main():
    async with client() as connected:
        # After listing, the clients validate each result against the tool's output schema.
        listed = await connected.list_tools()
        never = {"raise_on_error": False} if kind == "fastmcp" else {}

        async def call(name, *arguments):
            return await connected.call_tool(f"{toolkit}_{name}", *arguments, **never)

        echo = await call("Echo", {"message": ODD})
        failed = await call("Add", {"a": "two", "b": 3})
        try:
            unknown = (await call("NoSuchTool", {})).is_error
        except MCPError as error:
            unknown = error.error.code
        seen = {
            "tools": [tool.name for tool in getattr(listed, "tools", listed)],
            "echo": echo.structured_content["result"] == ODD and echo.content[0].text == ODD,
            "sum": (await call("Add", {"a": 2, "b": 3})).structured_content,
            "failed": failed.is_error,
            "unknown": unknown,
            "withoutArguments": bool((await call("Whoami")).structured_content["result"]),
        }
        if kind == "sdk":
            seen["version"] = connected.protocol_version
        print(json.dumps(seen))


asyncio.run(main())
