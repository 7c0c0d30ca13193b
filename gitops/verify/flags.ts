import { readFileSync } from 'node:fs';
import { Problem } from '../../model/problem';
import type { Endpoint } from '../engine/request';
import { type StepName, stepNames } from './step';
import { durationMs } from './wait';

/** The flags that say how a server is asked; `register` takes them too, because it verifies first. */
export const worldFlags = {
  'secret-file': { type: 'string' },
  'secret-env': { type: 'string' },
  resolver: { type: 'string', multiple: true },
  allowlisted: { type: 'string', multiple: true },
  'connect-to': { type: 'string' },
  ca: { type: 'string', multiple: true },
  timeout: { type: 'string' },
  wait: { type: 'string' },
} as const;

/** What `worldFlags` mean, for the usage of a command. */
export const worldUsage = `    --secret-file <path>   the worker secret: a file, a folder with a file per server, - for standard input
    --secret-env <NAME>    … or a variable; without either <SERVER>_SECRET, then standard input
    --resolver <address>   asked for the name; several. Without it: system, 1.1.1.1, 8.8.8.8
    --allowlisted <entry>  an entry of the engine's ssrfAllowlist, as it stands there; several
    --connect-to <address[:port]>   connects there, whatever DNS says: before a record is changed
    --ca <file>            a certificate authority to trust beside the public ones; several
    --timeout <10s>        for one request
    --wait <5m>            goes on until all is well, at growing distances`;

export interface WorldFlagValues {
  readonly resolver?: readonly string[] | undefined;
  readonly 'connect-to'?: string | undefined;
  readonly ca?: readonly string[] | undefined;
  readonly timeout?: string | undefined;
}

/** One resolver may be behind; two public ones beside the system's own show what the world sees. */
const usualResolvers = ['system', '1.1.1.1', '8.8.8.8'];

/** Flags → what the world is made with. @throws Problem USAGE */
export function worldOptions(flags: WorldFlagValues) {
  return {
    resolvers: flags.resolver ?? usualResolvers,
    timeoutMs: durationMs(flags.timeout ?? '10s', 'timeout'),
    authorities: (flags.ca ?? []).map(readAuthority),
    connectTo: flags['connect-to'] === undefined ? undefined : endpointFrom(flags['connect-to']),
  };
}

/** Words of `--skip`. @throws Problem USAGE for a step that there is not */
export function skippedSteps(words: readonly string[]): readonly StepName[] {
  return words.map((word) => {
    const name = stepNames.find((known) => known === word);
    if (name !== undefined) return name;
    throw new Problem('USAGE', `Cannot skip "${word}": there is no such step`, {
      fix: `one of ${stepNames.join(', ')}`,
    });
  });
}

/** Names of a flag that takes them with commas, repeated, or both. */
export function namesIn(values: readonly string[] = []): readonly string[] {
  return values
    .flatMap((value) => value.split(','))
    .map((name) => name.trim())
    .filter(Boolean);
}

function endpointFrom(text: string): Endpoint {
  const [, address = '', port] = /^(\[[0-9a-f:.]+\]|[0-9.]+|[0-9a-f:]+:[0-9a-f:.]*)(?::(\d{1,5}))?$/i.exec(text) ?? [];
  if (address === '') {
    throw new Problem('USAGE', `Cannot connect to "${text}": it is not an address`, {
      fix: 'write 192.0.2.1, 192.0.2.1:8443 or [2001:db8::1]:8443',
    });
  }
  return { address: address.replace(/^\[|\]$/g, ''), port: port === undefined ? undefined : Number(port) };
}

function readAuthority(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Problem('USAGE', `Cannot read the certificate authority "${path}"`, { fix: 'name a PEM file', cause });
  }
}
