"""Writes worker/catalog/engine-words.ts: the words of an engine, as the installed arcade-mcp-server has them.

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

/** The release whose words these are. */
export const wordsOf = '{package}';

/** The providers an engine knows by name. */
{table("providers", sorted(word for word in ids if isinstance(word, str)))}

/** A provider: one of the table, or one that an engine has come to know since, of which loading warns. */
export type Provider = (typeof providers)[number] | (string & {{}});

/** The service domains an engine knows. */
{table("serviceDomains", [domain.value for domain in ServiceDomain])}

/** A service domain: one of the table, or one that an engine has come to know since, of which loading warns. */
export type ServiceDomain = (typeof serviceDomains)[number] | (string & {{}});""")
