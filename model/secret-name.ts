import { createHash } from 'node:crypto';
import { type Sealed, sealedFor } from './sealed';
import { filled, remoteRefsOf, type Stored } from './secret-store';

const ending = '-worker-secret';
const digits = 10;

/**
 * The name of the Secret that pods read, and of the SealedSecret or ExternalSecret that creates it. It ends in a hash of the
 * sealed values, so that a new value makes a new Secret. Kubernetes does not start a container whose Secret is missing
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

/** The keys that a server's Secret should have. */
export function secretKeysOf(server: Stored, sealed: Sealed): readonly string[] {
  const { kind } = server.platform.secrets;
  if (kind === 'sealed') return [...sealed.keys()];
  return kind === 'external' ? [...remoteRefsOf(server).keys()] : [...server.secrets].sort();
}

function nameOver({ name }: Pick<Stored, 'name'>, made: readonly unknown[]): string {
  const digest = createHash('sha256').update(JSON.stringify(made)).digest('hex').slice(0, digits);
  return `${name}${ending}-${digest}`;
}

/** Removes the hash from names of Secrets in a text, to compare texts that differ only in sealed values. */
export function withoutDigits(text: string): string {
  return text.replace(new RegExp(`(${ending})-[0-9a-f]{${digits}}(?![-.\\w])`, 'g'), '$1-…');
}
