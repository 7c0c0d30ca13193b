import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { engineCallLimits } from '../engine/engine-config';

/** A worker as the engine shows it: the members that registration uses (arcadejs 2.4.1). */
export interface KnownWorker {
  readonly id?: string | undefined;
  readonly type?: string | undefined;
  readonly enabled?: boolean | undefined;
  readonly managed?: boolean | undefined;
  readonly binding?: { readonly type?: string | undefined } | undefined;
  readonly http?:
    | { readonly uri?: string | undefined; readonly timeout?: number | undefined; readonly retry?: number | undefined }
    | undefined;
}

/** One field and how it changes. */
export interface FieldChange {
  readonly field: string;
  /** @default - it is not there yet */
  readonly from?: string | undefined;
  readonly to: string;
}

/** What must change so that the engine knows a server as it is declared. */
export interface RegistrationPlan {
  readonly kind: 'create' | 'update' | 'unchanged';
  readonly changes: readonly FieldChange[];
}

/**
 * Compares what the engine knows with the declaration. The engine never shows a secret, so it is not among the changes.
 * @param url the address to register, without `/worker`
 * @throws Problem ENGINE-WORKER when another kind of worker has the name, or one that the API may not change
 */
export function planOf({ name }: Server, url: string, known: KnownWorker | undefined): RegistrationPlan {
  const wanted = {
    url,
    timeout: `${engineCallLimits.timeout} s`,
    retry: String(engineCallLimits.retry),
    enabled: 'yes',
  };
  const fields = Object.keys(wanted) as (keyof typeof wanted)[];
  if (known === undefined) return { kind: 'create', changes: fields.map((field) => ({ field, to: wanted[field] })) };
  refuseForeign(name, known);
  const { http: { uri, timeout, retry } = {}, enabled = true } = known;
  const found = { url: uri, timeout: `${timeout} s`, retry: String(retry), enabled: enabled ? 'yes' : 'no' };
  const changes = fields
    .filter((field) => found[field]?.replace(/\/$/, '') !== wanted[field])
    .map((field) => ({ field, from: found[field], to: wanted[field] }));
  return { kind: changes.length === 0 ? 'unchanged' : 'update', changes };
}

/** The change as lines for a person. */
export function planLines({ name }: Server, { kind, changes }: RegistrationPlan): readonly string[] {
  const verb = { create: 'is registered', update: 'is changed', unchanged: 'is registered as declared' }[kind];
  const lines = changes.map(
    ({ field, from, to }) => `  ${field.padEnd(8)} ${from === undefined ? '' : `${from} -> `}${to}`,
  );
  return [
    `worker "${name}" ${verb}`,
    ...lines,
    `  secret   ${kind === 'create' ? 'given' : 'given again; the engine does not show it'}`,
  ];
}

function refuseForeign(name: string, { type = 'http', managed, binding }: KnownWorker): void {
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
