import type { ValidateFunction } from 'ajv';
import * as validators from '../../imports/validators';
import { Problem } from '../../model/problem';
import type { OutputFile } from './output-file';

/** Validates a registry entry against the schema of the MCP registry. Accepts every other file. */
export function registryEntry({ path, text, server }: OutputFile): readonly Problem[] {
  const validate: ValidateFunction = validators.RegistryServer;
  if (!path.startsWith('registry/') || validate(JSON.parse(text))) return [];
  const reasons = (validate.errors ?? []).map(
    ({ instancePath, message }) => `${instancePath.slice(1) || 'the entry'} ${message}`,
  );
  return [
    new Problem('SCHEMA', `Cannot write the registry entry of ${server}: ${[...new Set(reasons)].join('; ')}`, {
      file: `servers/${server}/server.ts`,
      path: 'host',
      fix: 'choose a shorter host: the registry name is host and server name together, at most 200 characters',
    }),
  ];
}
