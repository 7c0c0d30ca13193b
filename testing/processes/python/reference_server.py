"""Our recorded and fixture tools on the real arcade-mcp-server, to compare its responses with ours.

Usage: python reference_server.py base|fixtures|resources <toolkit> <description>
Host, port and secret come from the ARCADE_... variables, as in the deployed container.
"""

import sys
from enum import Enum
from typing import Annotated, Any, Literal, Optional, TypedDict

from arcade_mcp_server import Context, MCPApp, tool
from arcade_mcp_server.auth import GitHub
from arcade_mcp_server.exceptions import (
    ContextRequiredToolError,
    ErrorKind,
    FatalToolError,
    NetworkTransportError,
    RetryableToolError,
    ToolExecutionError,
    UpstreamError,
    UpstreamRateLimitError,
)
from arcade_mcp_server.metadata import Behavior, Classification, Operation, ServiceDomain, ToolMetadata

app = MCPApp(
    name=sys.argv[2],
    version="1.0.0",
    instructions=sys.argv[3],
    transport="http",
)


@app.tool
def echo(message: Annotated[str, "The text to send back."]) -> str:
    """Send the given text back unchanged."""
    return message


@app.tool
def add(a: Annotated[int, "The first number."], b: Annotated[int, "The second number."]) -> int:
    """Add two whole numbers."""
    return a + b


@app.tool
def whoami(context: Context) -> str:
    """Report the identifier of the calling user."""
    return context.user_id


class Colour(Enum):
    red = "red"
    blue = "blue"


class Address(TypedDict):
    street: str
    zip: Optional[str]


class Partial(TypedDict, total=False):
    x: int
    y: str


def define_fixtures() -> None:
    """Adds one tool for every form of error, result, context and parameter, in the order of the recorded catalogue."""
    _define_errors()
    _define_results()
    _define_context_readers()
    _define_others()


def _define_errors() -> None:
    @app.tool
    def boom() -> str:
        """Fixture: unhandled exception with a message."""
        raise ValueError("kaboom")

    @app.tool
    def boom_empty() -> str:
        """Fixture: unhandled exception without a message."""
        raise ValueError()

    @app.tool
    def retry_later() -> str:
        """Fixture: retryable error, all fields."""
        raise RetryableToolError(
            "Try again",
            developer_message="backend busy",
            additional_prompt_content="Ask for fewer rows",
            retry_after_ms=500,
        )

    @app.tool
    def retry_minimal() -> str:
        """Fixture: retryable error, message only."""
        raise RetryableToolError("Try again")

    @app.tool
    def fatal_fail() -> str:
        """Fixture: fatal error."""
        raise FatalToolError("Broken", developer_message="disk full")

    @app.tool
    def fatal_blank() -> str:
        """Fixture: fatal error with an empty message."""
        raise FatalToolError("")

    @app.tool
    def exec_fail() -> str:
        """Fixture: plain execution error with extra data."""
        raise ToolExecutionError("Failed", extra={"code": "E1"})

    @app.tool
    def need_context() -> str:
        """Fixture: context required."""
        raise ContextRequiredToolError(
            "Which account?", additional_prompt_content="Ask the user which account to use"
        )

    @app.tool
    def upstream_fail(status: Annotated[int, "HTTP status to simulate."]) -> str:
        """Fixture: upstream error with the given status."""
        raise UpstreamError("Upstream failed", status_code=status, extra={"endpoint": "/v1/items"})

    @app.tool
    def rate_limited() -> str:
        """Fixture: upstream rate limit."""
        raise UpstreamRateLimitError("Slow down", 2000)

    @app.tool
    def net_timeout() -> str:
        """Fixture: no answer from upstream."""
        raise NetworkTransportError("No answer", kind=ErrorKind.NETWORK_TRANSPORT_RUNTIME_TIMEOUT)

    @app.tool
    def wrong_type() -> str:
        """Fixture: declares text, returns a number."""
        return 42  # type: ignore[return-value]


def _define_results() -> None:
    @app.tool
    def return_void():  # the framework reads a missing annotation as "no result", and rejects None
        """Fixture: no declared result."""

    @app.tool
    def return_null() -> str | None:
        """Fixture: nullable text, returns nothing."""
        return None

    @app.tool
    def return_float() -> float:
        """Fixture: returns one as a float."""
        return 1.0

    @app.tool
    def return_false() -> bool:
        """Fixture: returns false."""
        return False

    @app.tool
    def return_zero() -> int:
        """Fixture: returns zero."""
        return 0

    @app.tool
    def return_object() -> Annotated[dict, "An object."]:
        """Fixture: returns an object."""
        return {"b": [1, 2], "a": {"n": None}}

    @app.tool
    def return_list() -> list[str]:
        """Fixture: returns a list of text."""
        return ["x", "y"]

    @app.tool
    def return_empty_list() -> list[str]:
        """Fixture: returns an empty list."""
        return []

    @app.tool
    def return_typed() -> Address:
        """Fixture: returns a typed object with a null member."""
        return {"street": "s", "zip": None}

    @app.tool
    def return_partial() -> Partial:
        """Fixture: returns a typed object with an absent member."""
        return {"x": 1}

    @app.tool
    def return_enum() -> Colour:
        """Fixture: returns an enumeration member."""
        return Colour.red

    @app.tool
    def return_nan() -> float:
        """Fixture: returns a value JSON cannot carry."""
        return float("nan")


def _define_context_readers() -> None:
    @app.tool(requires_secrets=["API_TOKEN", "Other_Key"])
    def use_secret(context: Context) -> str:
        """Fixture: returns the value of API_TOKEN."""
        return context.get_secret("API_TOKEN")

    @app.tool(requires_auth=GitHub(scopes=["repo"]))
    def use_auth(context: Context) -> str:
        """Fixture: returns the OAuth token, or empty text."""
        return context.get_auth_token_or_empty()

    @app.tool(requires_auth=GitHub(scopes=["repo"]), requires_metadata=["CLIENT_ID"])
    def use_metadata(context: Context) -> str:
        """Fixture: returns the client_id metadata value."""
        return context.get_metadata("client_id")

    @app.tool
    def dump_context(context: Context) -> dict:
        """Fixture: returns what the call context carried."""
        return {
            "user_id": context.user_id,
            "secrets": [secret.key for secret in context.secrets or []],
            "metadata": {item.key: item.value for item in context.metadata or []},
            "token": context.get_auth_token_or_empty(),
        }


def _define_others() -> None:
    @app.tool
    @tool.deprecated("Use Echo")
    def old_echo() -> str:
        """Fixture: deprecated tool."""
        return "old"

    @app.tool(
        metadata=ToolMetadata(
            classification=Classification(service_domains=[ServiceDomain.EMAIL]),
            behavior=Behavior(
                operations=[Operation.READ],
                read_only=True,
                destructive=False,
                idempotent=True,
                open_world=True,
            ),
            extras={"tier": "gold"},
        )
    )
    def described() -> str:
        """Fixture: carries metadata."""
        return "ok"

    @app.tool
    def shapes(
        s: Annotated[str, "Text."],
        c: Annotated[Colour, "Enumeration."],
        l: Annotated[list[str], "List of text."],
        d: Annotated[dict, "Free-form object."],
        td: Annotated[Address, "Typed object."],
        li: Annotated[Literal["a", "b"], "Closed choice."],
        o: Annotated[Optional[int], "Nullable integer."] = None,
        df: Annotated[int, "Integer with a default."] = 5,
        lt: Annotated[Optional[list[Address]], "List of typed objects."] = None,
        f: Annotated[float, "Number."] = 1.5,
        b: Annotated[bool, "Flag."] = False,
    ) -> Annotated[dict[str, Any], "Whatever was received."]:
        """Fixture: one parameter of every kind."""
        return {"s": s, "l": l, "d": d, "td": td, "li": li, "o": o, "df": df, "f": f, "b": b}


def define_resources() -> None:
    """Adds a tool with a page, and resources. Requires 1.32."""
    from arcade_core.resources import resource
    from arcade_core.utils import normalize_toolkit_name

    def declared(declaration: Any) -> Any:
        # Normally found by scanning an installed toolkit, which this file is not.
        names = {"toolkit_name": normalize_toolkit_name(sys.argv[2]), "toolkit_version": "1.0.0"}
        app._catalog.resources.declare(declaration, **names)
        return declaration

    @resource(path="card.html", title="Card", meta={"ui": {"prefersBorder": True}})
    def card() -> str:
        """The card of a person."""
        return "<!doctype html><p>Hello</p>"

    @app.tool(ui=card)
    def greet() -> str:
        """Greet somebody, on a card."""
        return "hello"

    @declared
    @resource(path="my café.png", mime_type="image/png")
    def logo() -> bytes:
        return bytes.fromhex("89504e470d0a1a0a")

    @declared
    @resource(path="today", scheme="note", mime_type="text/plain")
    def note() -> str:
        return "Grüße"


if __name__ == "__main__":
    if sys.argv[1] == "fixtures":
        define_fixtures()
    if sys.argv[1] == "resources":
        define_resources()
    app.run()
