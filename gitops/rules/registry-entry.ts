import type { ValidateFunction } from 'ajv';
import * as validators from '../../imports/validators';
import { Problem } from '../../model/problem';
import type { OutputFile } from './output-file';

/** What the schema of the MCP registry has against a server's entry; nothing against any other file. */
export function registryEntry({ path, text, server }: OutputFile): readonly Problem[] {
  const validate: ValidateFunction = validators.RegistryServer;
  if (!path.startsWith('registry/') || validate(JSON.parse(text))) return [];
  const reasons = (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath.slice(1) || 'the whole'} ${message}`,
  );
  return [
    new Problem('SCHEMA', `Cannot write the registry's entry of ${server}: ${[...new Set(reasons)].join('; ')}`, {
      file: `servers/${server}/server.ts`,
      path: 'host',
      fix: 'give it a shorter host: the registry knows it by its host and its name, in 200 characters at most',
    }),
  ];
}
