import { z } from 'zod';
import { contract } from '../worker/contract';
import { objectName } from './fields';
import { nearest } from './nearest';
import type { Platform } from './platform';
import { rule } from './schema-problems';

/** The values for the placeholders of a pattern; `name` is the name of the secret. */
type Filling = Readonly<Partial<Record<'server' | 'name' | 'platform', string>>>;

/** A path with placeholders such as `{server}`, of which only the given ones are allowed. */
function pattern(known: readonly string[]) {
  return z
    .string()
    .min(1, 'is empty')
    .max(200, 'has more than 200 characters')
    .superRefine((text, context) => {
      const listed = known.map((name) => `{${name}}`).join(', ');
      const unknown = [...text.matchAll(/\{([^{}]*)\}/g)].flatMap(([, name = '']) =>
        known.includes(name) ? [] : [name],
      );
      for (const name of unknown) {
        const meant = nearest(name, known);
        const fix = meant === undefined ? `write one of ${listed}` : `write {${meant}}`;
        rule(context, 'PLATFORM-FIELD', `has the unknown placeholder "{${name}}"`, fix);
      }
      const rest = text.replace(/\{[^{}]*\}/g, '');
      const others = `write only ${listed}, letters, digits and . _ / @ : + = -`;
      if (!/^[\w./@:+=-]*$/.test(rest))
        rule(context, 'PLATFORM-FIELD', 'has a character not allowed in a path', others);
      if (/(^|\/)\.{1,2}(\/|$)/.test(text))
        rule(context, 'PLATFORM-FIELD', 'has "." or ".." as a path segment', 'write the path without it');
    });
}

const remote = pattern(['server', 'name', 'platform']).superRefine((text, context) => {
  if (isUnambiguous(text)) return;
  const found = 'has ambiguous placeholders: two servers or platforms could share one entry';
  rule(
    context,
    'PLATFORM-FIELD',
    found,
    'separate them with /; if the store does not allow that, write {platform}_{server}, or the platform name literally',
  );
});

/** The characters that each placeholder's value may contain; case is ignored, because stores may ignore it. */
const letters: Readonly<Record<string, RegExp>> = { server: /[-a-z0-9]/i, platform: /[-a-z0-9]/i, name: /\w/ };

/**
 * Whether different names always give different results: each separator cannot be part of the name before it, or none can be
 * part of the name after it. `{server}{name}` and `{platform}-{server}` are ambiguous.
 */
function isUnambiguous(text: string): boolean {
  const between = [...text.matchAll(/\{(\w+)\}(?=([^{}]*)\{(\w+)\})/g)];
  // Unknown placeholders are reported separately.
  const ends = (name: string, characters: string) =>
    letters[name] === undefined || [...characters].some((each) => letters[name]?.test(each) === false);
  return (
    between.every(([, before = '', characters = '']) => ends(before, characters)) ||
    between.every(([, , characters = '', after = '']) => ends(after, characters))
  );
}

/** A refresh interval in the operator's format: hours, minutes and seconds in this order, such as `1h30m`. */
const duration = z
  .string()
  .regex(
    /^(?=.)([1-9]\d{0,3}h)?([1-9]\d{0,3}m)?([1-9]\d{0,3}s)?$/,
    'is not a duration such as 1h, 15m or 1h30m; 0, which disables the refresh, is not accepted',
  );

const External = z
  .strictObject({
    kind: z.literal('external'),
    /**
     * An existing store in the cluster. A `SecretStore` must exist in the namespace of each server.
     * @default - for `kind`: ClusterSecretStore
     */
    store: z.strictObject({
      kind: z.enum(['ClusterSecretStore', 'SecretStore']).default('ClusterSecretStore'),
      name: objectName,
    }),
    /** The key of an entry, with the placeholders `{server}`, `{name}` (of the secret) and `{platform}`: `mcp/{server}/{name}`. */
    key: remote,
    /**
     * The member of a JSON entry with several values: `{name}`, with `mcp-{server}` as `key`.
     * @default - an entry is a single value
     */
    property: remote.optional(),
    /** How often the operator reads the store again. @default - 1h */
    refresh: duration.default('1h'),
  })
  .superRefine(({ key, property = '' }, context) => {
    for (const name of ['{server}', '{name}'].filter((name) => !`${key}${property}`.includes(name))) {
      const found = `has no ${name}, nor does property: ${name === '{name}' ? 'all secrets of a server' : 'all servers'} would share one value`;
      rule(context, 'PLATFORM-FIELD', found, 'write it as mcp/{server}/{name}, or mcp-{server} with property {name}', [
        'key',
      ]);
    }
  });

const Existing = z.strictObject({
  kind: z.literal('existing'),
  /** The name of the Secret in the server's namespace, with `{server}` and `{platform}`. @default - {server}-worker-secret */
  name: pattern(['server', 'platform'])
    .refine(
      (name) => objectName.safeParse(filled(name, { server: 's'.repeat(53), platform: 'p'.repeat(63) })).success,
      'is not the name of an object, or can exceed 253 characters with its placeholders filled in',
    )
    .default('{server}-worker-secret'),
});

/**
 * Where the secrets of a platform's servers come from. `sealed`: encrypted in this repository. `external`: from a store that
 * the external-secrets operator reads. `existing`: a Secret that is managed elsewhere.
 */
export const SecretStore = z
  .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('sealed') }), External, Existing])
  .default({ kind: 'sealed' });

/** A store that the external-secrets operator reads. */
export type ExternalStore = Readonly<z.output<typeof External>>;

/** The part of a server that its secrets depend on. */
export interface Stored {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly platform: Pick<Platform, 'name' | 'secrets'>;
  /** Whether its worker secret is being replaced. @default - no */
  readonly rotating?: boolean | undefined;
}

/** One value of a store: the key of its entry, and the member of a JSON entry. */
export interface RemoteRef {
  readonly key: string;
  readonly property?: string;
}

/**
 * Where the store has each secret of a server, sorted by its key in the Secret: the declared ones, and the previous worker
 * secret during a rotation. Empty if secrets are not external.
 */
export function remoteRefsOf({ name: server, secrets, platform, rotating }: Stored): ReadonlyMap<string, RemoteRef> {
  const store = platform.secrets;
  if (store.kind !== 'external') return new Map();
  const keys = [...new Set([...secrets, ...(rotating ? [contract.env.previousSecret] : [])])].sort();
  return new Map(
    keys.map((name) => {
      const names = { server, name, platform: platform.name };
      const { property } = store;
      return [name, { key: filled(store.key, names), ...(property && { property: filled(property, names) }) }];
    }),
  );
}

/** Fills in the placeholders of a pattern. */
export function filled(text: string, names: Filling): string {
  return text.replace(/\{(server|name|platform)\}/g, (whole, name: keyof Filling) => names[name] ?? whole);
}

/**
 * Rejects `rotating` without a store, and secrets whose key in the store is longer than 512 characters (AWS Secrets Manager;
 * stores with lower limits report that themselves).
 */
export function storeRule(
  name: string,
  entry: Readonly<Record<string, unknown>>,
  platform: Platform,
  context: z.core.$RefinementCtx,
): void {
  const { kind } = platform.secrets;
  if (entry.rotating === true && kind !== 'external') {
    const source = { sealed: 'the sealed file', existing: 'the Secret itself' }[kind];
    const fix = `remove it${platform.flag === '' ? '' : ', or write it under platforms, only for those with a store'}`;
    rule(context, 'SERVER-FIELD', `is not used on "${platform.name}": it follows from ${source}`, fix, ['rotating']);
  }
  const declared: readonly unknown[] = Array.isArray(entry.secrets) ? entry.secrets : [];
  declared.forEach((secret, index) => {
    const secrets = typeof secret === 'string' ? [secret] : [];
    for (const { key, property = '' } of remoteRefsOf({ name, secrets, platform }).values()) {
      const length = Math.max(key.length, property.length);
      const fix = `give it a shorter name, or shorten secrets.key of ${platform.source}`;
      const found = `makes a key of ${length} characters in the store, 512 at most`;
      if (length > 512) rule(context, 'SERVER-FIELD', found, fix, ['secrets', String(index)]);
    }
  });
}
