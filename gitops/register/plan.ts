import type { WorkerResponse } from '@arcadeai/arcadejs/resources/workers';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { engineCallLimits } from '../engine/engine-config';

/** The change that registers a server as declared. */
export interface RegistrationPlan {
  readonly kind: 'create' | 'update' | 'unchanged';
  /** The change, as lines to print. */
  readonly lines: readonly string[];
}

/**
 * Compares the engine's worker with the declaration, except the secret, which the engine never returns.
 * @param url the address to register, without `/worker`
 * @throws Problem ENGINE-WORKER when the name belongs to another kind of worker, or to one that the API cannot change
 */
export function planOf(server: Server, url: string, known: WorkerResponse | undefined): RegistrationPlan {
  const wanted = fieldsOf({ enabled: true, http: { uri: url, ...engineCallLimits(server) } });
  const { name } = server;
  if (known === undefined) {
    const lines = wanted.map(([field, to]) => line(field, to));
    return { kind: 'create', lines: [`create worker "${name}"`, ...lines, line('secret', 'sent')] };
  }
  refuseForeign(name, known);
  const found = Object.fromEntries(fieldsOf(known));
  const changes = wanted
    .filter(([field, to]) => found[field] !== to)
    .map(([field, to]) => line(field, `${found[field]} -> ${to}`));
  const kind = changes.length === 0 ? 'unchanged' : 'update';
  const head = kind === 'update' ? `update worker "${name}"` : `worker "${name}" is registered as declared`;
  return { kind, lines: [head, ...changes, line('secret', 'sent again; the engine never returns it')] };
}

function fieldsOf({ http: { uri, timeout, retry } = {}, enabled = true }: WorkerResponse) {
  return [
    ['url', `${uri?.replace(/\/$/, '')}`],
    ['timeout', `${timeout} s`],
    ['retry', `${retry}`],
    ['enabled', enabled ? 'yes' : 'no'],
  ] as const;
}

function line(field: string, text: string): string {
  return `  ${field.padEnd(8)} ${text}`;
}

function refuseForeign(name: string, { type = 'http', managed, binding }: WorkerResponse): void {
  const reason =
    type !== 'http'
      ? `it is registered as a server of type "${type}"`
      : binding?.type === 'static'
        ? "it is in the engine's own file"
        : managed === true
          ? 'the vendor manages it'
          : undefined;
  if (reason === undefined) return;
  throw new Problem('ENGINE-WORKER', `Cannot register "${name}": ${reason}`, {
    fix: 'change or remove it there; for the file: npm run register -- <server> --print',
  });
}
