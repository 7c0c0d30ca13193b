"""Generates worker/catalog/engine-words.ts: the providers and service domains of the installed arcade-mcp-server.

Usage: python engine_words.py > worker/catalog/engine-words.ts
"""

import inspect
from importlib.metadata import version

from arcade_core import auth
from arcade_core.metadata import ServiceDomain

classes = [value for value in vars(auth).values() if inspect.isclass(value) and issubclass(value, auth.OAuth2)]
ids = [each.model_fields["provider_id"].default for each in classes]
package = f"arcade-mcp-server {version('arcade-mcp-server')}"


def table(name: str, words: list[str]) -> str:
    return "\n".join([f"export const {name} = [", *(f"  '{word}'," for word in words), "] as const;"])


print(f"""// Generated from {package} by testing/processes/python/engine_words.py; do not edit.

/** The release that the tables come from. */
export const wordsOf = '{package}';

/** The well-known providers of an engine. */
{table("providers", sorted(word for word in ids if isinstance(word, str)))}

/** A provider. One that is not in the table is accepted with a warning, because a newer engine may know it. */
export type Provider = (typeof providers)[number] | (string & {{}});

/** The service domains of an engine. */
{table("serviceDomains", [domain.value for domain in ServiceDomain])}

/** A service domain. One that is not in the table is accepted with a warning, because a newer engine may know it. */
export type ServiceDomain = (typeof serviceDomains)[number] | (string & {{}});""")
