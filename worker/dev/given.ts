import type { Requirements } from '../catalog/define-tool';

/** What a tool requires. One form for definitions and catalogue entries. */
export interface Needs {
  /** Keys of secrets. */
  readonly secrets: readonly string[];
  /** The provider or the id of the authorization. @default - none */
  readonly authorization: string | undefined;
}

/** Secrets and tokens for trying tools: `TOOL_SECRET_<KEY>` and `TOOL_TOKEN_<PROVIDER>`. */
export interface Given {
  secretOf(key: string): string | undefined;
  /** @param authorization a provider, such as `github`, or its id */
  tokenOf(authorization: string): string | undefined;
}

/** Reads them from an environment. Names ignore case, and `_` stands for every character that is not a letter or digit. */
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

/** The variables to set so that a tool has everything it requires. */
export function missingVariables({ secrets, authorization }: Needs, given: Given): readonly string[] {
  const missing = secrets.filter((key) => given.secretOf(key) === undefined).map(secretVariable);
  if (authorization !== undefined && given.tokenOf(authorization) === undefined)
    missing.push(tokenVariable(authorization));
  // Keys that differ only in case are one secret.
  return [...new Set(missing)];
}

/** What a definition requires. */
export function needsOf({ secrets = [], authorization }: Requirements): Needs {
  const provider = authorization && ('provider' in authorization ? authorization.provider : authorization.id);
  return { secrets, authorization: provider };
}

/** The variable with the secret of a key. */
export function secretVariable(key: string): string {
  return plain(`TOOL_SECRET_${key}`);
}

/** The variable with the token of a provider. */
export function tokenVariable(authorization: string): string {
  return plain(`TOOL_TOKEN_${authorization}`);
}

function plain(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9]/g, '_');
}
