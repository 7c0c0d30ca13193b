import { createHash } from 'node:crypto';
import { type Sealed, sealedFor } from './sealed';
import { filled, remoteRefsOf, type Stored } from './secret-store';

const ending = '-worker-secret';
const digits = 10;

/**
 * The name of the Secret that pods ask for, and of the SealedSecret or ExternalSecret that it comes from. It ends in hex
 * digits of a SHA-256 over what is sealed, so another value is another Secret. Kubernetes starts no container whose Secret is
 * missing (1.36): a new pod waits until the controller has written it, and none can start with the value before. What an
 * external Secret is made of is known by its places in the store alone: another place is another Secret, and another value is
 * the same. The name of an existing one is said by its platform.
 */
export function secretNameOf(server: Stored, sealed: Sealed): string {
  const store = server.platform.secrets;
  switch (store.kind) {
    case 'sealed': {
      const values = [...sealedFor(server, sealed)].map(
        ([key, { scope, ciphertext }]) => [key, scope, ciphertext] as const,
      );
      return nameOver(
        server,
        values.sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
    case 'external':
      return nameOver(server, [store.store.kind, store.store.name, ...remoteRefsOf(server)]);
    case 'existing':
      return filled(store.name, { server: server.name, platform: server.platform.name });
  }
}

/** The keys that a server's Secret has, or should have. */
export function secretKeysOf(server: Stored, sealed: Sealed): readonly string[] {
  const { kind } = server.platform.secrets;
  if (kind === 'sealed') return [...sealed.keys()];
  return kind === 'external' ? [...remoteRefsOf(server).keys()] : [...server.secrets].sort();
}

function nameOver({ name }: Pick<Stored, 'name'>, made: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, digits);
  return `${name}${ending}-${digest}`;
}

/** A text with the digits of such names left out, to compare what nothing but another value has changed. */
export function withoutDigits(text: string): string {
  return text.replace(new RegExp(`(${ending})-[0-9a-f]{${digits}}(?![-.\\w])`, 'g'), '$1-…');
}
