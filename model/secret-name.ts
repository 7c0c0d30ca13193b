import { createHash } from 'node:crypto';
import { type Sealed, sealedFor } from './sealed';
import { filled, remoteRefsOf, type Stored } from './secret-store';

const suffix = '-worker-secret';
const hashDigits = 10;

/**
 * The name of the Secret that pods read, and of the SealedSecret or ExternalSecret that creates it. It ends in a hash of the
 * sealed values, so that a new value creates a new Secret. Kubernetes does not start a container whose Secret is missing
 * (1.36), so a new pod waits for the controller and cannot start with the previous value. The hash of an external Secret
 * covers only its keys in the store: a new value there does not change the name. An existing Secret is named by its platform.
 */
export function secretNameOf(server: Stored, sealed: Sealed): string {
  const store = server.platform.secrets;
  switch (store.kind) {
    case 'sealed': {
      const values = [...sealedFor(server, sealed)].map(
        ([key, { scope, ciphertext }]) => [key, scope, ciphertext] as const,
      );
      return nameWithHash(
        server,
        values.sort(([a], [b]) => (a < b ? -1 : 1)),
      );
    }
    case 'external':
      return nameWithHash(server, [store.store.kind, store.store.name, ...remoteRefsOf(server)]);
    case 'existing':
      return filled(store.name, { server: server.name, platform: server.platform.name });
  }
}

/** The keys that a server's Secret should have. */
export function secretKeysOf(server: Stored, sealed: Sealed): readonly string[] {
  const { kind } = server.platform.secrets;
  if (kind === 'sealed') return [...sealed.keys()];
  return kind === 'external' ? [...remoteRefsOf(server).keys()] : [...server.secrets].sort();
}

function nameWithHash({ name }: Pick<Stored, 'name'>, parts: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, hashDigits);
  return `${name}${suffix}-${digest}`;
}

/** Removes the hash from names of Secrets in a text, to compare texts that differ only in sealed values. */
export function withoutSecretHash(text: string): string {
  return text.replace(new RegExp(`(${suffix})-[0-9a-f]{${hashDigits}}(?![-.\\w])`, 'g'), '$1-…');
}
