import type { Requirements } from '../catalog/define-tool';

/** What a tool requires, in one form for its definition and its entry in a catalogue. */
export interface Needs {
  /** Keys of secrets. */
  readonly secrets: readonly string[];
  /** The provider or the id of the authorization. Undefined: none. */
  readonly authorization: string | undefined;
}

/** What is given to tools that are tried: `TOOL_SECRET_<KEY>` and `TOOL_TOKEN_<PROVIDER>`. */
export interface Given {
  secretOf(key: string): string | undefined;
  /** @param authorization a provider, such as `github`, or the id of one */
  tokenOf(authorization: string): string | undefined;
}

/** Reads what is given out of an environment. Case does not matter, and what is neither letter nor digit is `_` in a name. */
export function givenIn(environment: Readonly<Record<string, string | undefined>>): Given {
  const values = new Map(
    Object.entries(environment).flatMap(([name, value]) =>
      /^TOOL_(SECRET|TOKEN)_/i.test(name) && value !== undefined ? [[plain(name), value]] : [],
    ),
  );
  return {
    secretOf: (key) => values.get(secretVariable(key)),
    tokenOf: (authorization) => values.get(tokenVariable(authorization)),
  };
}

/** The variables that would have to be set for a tool to have all that it requires. */
export function missingVariables({ secrets, authorization }: Needs, given: Given): readonly string[] {
  const missing = secrets.filter((key) => given.secretOf(key) === undefined).map(secretVariable);
  if (authorization !== undefined && given.tokenOf(authorization) === undefined)
    missing.push(tokenVariable(authorization));
  // Keys that differ in case alone are one secret.
  return [...new Set(missing)];
}

/** The needs of a definition. */
export function needsOf({ secrets = [], authorization }: Requirements): Needs {
  const provider = authorization && ('provider' in authorization ? authorization.provider : authorization.id);
  return { secrets, authorization: provider };
}

export function secretVariable(key: string): string {
  return plain(`TOOL_SECRET_${key}`);
}

export function tokenVariable(authorization: string): string {
  return plain(`TOOL_TOKEN_${authorization}`);
}

function plain(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
