import { z } from 'zod';
import { contract } from '../worker/contract';
import { objectName } from './fields';
import { nearest } from './nearest';
import type { Platform } from './platform';
import { rule } from './schema-problems';

/** What a pattern stands for: the server, the secret, the platform. */
type Filling = Readonly<Partial<Record<'server' | 'name' | 'platform', string>>>;

/** A text with `{server}` and the like in it, of which only the given ones are known; the rest is plain enough for a path. */
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
        rule(context, 'PLATFORM-FIELD', `has the placeholder "{${name}}", which stands for nothing`, fix);
      }
      const rest = text.replace(/\{[^{}]*\}/g, '');
      const others = `beside ${listed}, write letters, digits and . _ / @ : + = - alone`;
      if (!/^[\w./@:+=-]*$/.test(rest)) rule(context, 'PLATFORM-FIELD', 'has a character that no path has', others);
      if (/(^|\/)\.{1,2}(\/|$)/.test(text))
        rule(context, 'PLATFORM-FIELD', 'has a step that leads to where it is, or up', 'write the path without it');
    });
}

const remote = pattern(['server', 'name', 'platform']).superRefine((text, context) => {
  if (isReadOneWay(text)) return;
  const found = 'has placeholders that run together: two servers or platforms could share one entry';
  rule(
    context,
    'PLATFORM-FIELD',
    found,
    'write a / between them; where the store takes none, {platform}_{server}, or the name of the platform as it is',
  );
});

/** What the names consist of that stand for a placeholder; stores may take no notice of case. */
const letters: Readonly<Record<string, RegExp>> = { server: /[-a-z0-9]/i, platform: /[-a-z0-9]/i, name: /\w/ };

/**
 * Whether no two sets of names make one text: what is between two placeholders ends the name before it, everywhere, or
 * begins the one behind it, everywhere. `{server}{name}` is one text for two pairs, and so is `{platform}-{server}`.
 */
function isReadOneWay(text: string): boolean {
  const between = [...text.matchAll(/\{(\w+)\}(?=([^{}]*)\{(\w+)\})/g)];
  // What stands for nothing has been told.
  const ends = (name: string, characters: string) =>
    letters[name] === undefined || [...characters].some((each) => letters[name]?.test(each) === false);
  return (
    between.every(([, before = '', characters = '']) => ends(before, characters)) ||
    between.every(([, , characters = '', behind = '']) => ends(behind, characters))
  );
}

/** How often the operator looks, as its definition takes it: hours, minutes and seconds in this order, such as `1h30m`. */
const duration = z
  .string()
  .regex(
    /^(?=.)([1-9]\d{0,3}h)?([1-9]\d{0,3}m)?([1-9]\d{0,3}s)?$/,
    'is not a duration such as 1h, 15m or 1h30m; without an end would be 0, which is refused',
  );

const External = z
  .strictObject({
    kind: z.literal('external'),
    /**
     * The store in the cluster, which somebody else sets up. A `SecretStore` lies in the namespace of each server.
     * @default - for `kind`: ClusterSecretStore
     */
    store: z.strictObject({
      kind: z.enum(['ClusterSecretStore', 'SecretStore']).default('ClusterSecretStore'),
      name: objectName,
    }),
    /** The entry of the store: text with `{server}`, `{name}` (of the secret) and `{platform}`, such as `mcp/{server}/{name}`. */
    key: remote,
    /**
     * The member of the entry, where an entry holds several values as JSON: `{name}`, with `mcp-{server}` as `key`.
     * @default - an entry is one value
     */
    property: remote.optional(),
    /** How often the operator reads the store again. @default - 1h */
    refresh: duration.default('1h'),
  })
  .superRefine(({ key, property = '' }, context) => {
    for (const name of ['{server}', '{name}'].filter((name) => !`${key}${property}`.includes(name))) {
      const found = `has no ${name}, in itself or in property: ${name === '{name}' ? 'all secrets of a server' : 'all servers'} would share one value`;
      rule(context, 'PLATFORM-FIELD', found, 'write it as mcp/{server}/{name}, or mcp-{server} with property {name}', [
        'key',
      ]);
    }
  });

const Existing = z.strictObject({
  kind: z.literal('existing'),
  /** The Secret that is there in the server's namespace: text with `{server}` and `{platform}`. @default - {server}-worker-secret */
  name: pattern(['server', 'platform'])
    .refine(
      (name) => objectName.safeParse(filled(name, { server: 's'.repeat(53), platform: 'p'.repeat(63) })).success,
      'is not the name of an object, or longer than 253 with the names in it',
    )
    .default('{server}-worker-secret'),
});

/**
 * Where the secrets of a platform's servers come from. `sealed`: from this repository, encrypted for its cluster.
 * `external`: from a store that the external-secrets operator reads. `existing`: a Secret that somebody else writes.
 */
export const SecretStore = z
  .discriminatedUnion('kind', [z.strictObject({ kind: z.literal('sealed') }), External, Existing])
  .default({ kind: 'sealed' });

/** A store that the external-secrets operator reads. */
export type ExternalStore = Readonly<z.output<typeof External>>;

/** A server as far as a store is concerned. */
export interface Stored {
  readonly name: string;
  readonly secrets: readonly string[];
  readonly platform: Pick<Platform, 'name' | 'secrets'>;
  /** Whether its worker secret is being replaced. @default - no */
  readonly rotating?: boolean | undefined;
}

/** One value of a store: its entry, and the member of it. */
export interface RemoteRef {
  readonly key: string;
  readonly property?: string;
}

/**
 * Where each secret of a server lies in the store, sorted by the key that it has in the Secret: those it declares, and the
 * previous worker secret while a rotation is under way. Empty where secrets are not external.
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

/** A pattern with the names in it. */
export function filled(text: string, names: Filling): string {
  return text.replace(/\{(server|name|platform)\}/g, (whole, name: keyof Filling) => names[name] ?? whole);
}

/**
 * What a platform that seals nothing wants of a server beyond its fields: keys that a store can have, in 512 characters
 * (those of AWS Secrets Manager; others take fewer, and say so), and no rotation that is declared where it cannot be.
 */
export function storeRule(
  name: string,
  entry: Readonly<Record<string, unknown>>,
  platform: Platform,
  context: z.core.$RefinementCtx,
): void {
  const { kind } = platform.secrets;
  if (entry.rotating === true && kind !== 'external') {
    const where = { sealed: 'the sealed file says it', existing: 'the Secret itself says it' }[kind];
    const fix = `take it out${platform.flag === '' ? '' : ', or write it under platforms for those with a store alone'}`;
    rule(context, 'SERVER-FIELD', `has no place on "${platform.name}": ${where}`, fix, ['rotating']);
  }
  const declared: readonly unknown[] = Array.isArray(entry.secrets) ? entry.secrets : [];
  declared.forEach((secret, index) => {
    const secrets = typeof secret === 'string' ? [secret] : [];
    for (const { key, property = '' } of remoteRefsOf({ name, secrets, platform }).values()) {
      const length = Math.max(key.length, property.length);
      const fix = `give it a shorter name, or shorten secrets.key of ${platform.source}`;
      const found = `makes a key of ${length} characters in the store, and 512 is the most`;
      if (length > 512) rule(context, 'SERVER-FIELD', found, fix, ['secrets', String(index)]);
    }
  });
}
