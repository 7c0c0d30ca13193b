import { createHash } from 'node:crypto';
import { type Sealed, sealedFor } from './sealed';
import type { Server } from './spec';

const ending = '-worker-secret';
const digits = 10;

/**
 * The name of a server's SealedSecret, and of the Secret that it becomes and that pods ask for. It ends in hex digits of a
 * SHA-256 over what is sealed, so another value is another Secret. Kubernetes starts no container whose Secret is missing
 * (1.36): a new pod waits until the controller has written it, and none can start with the value before.
 */
export function secretNameOf(server: Pick<Server, 'name' | 'secrets'>, sealed: Sealed): string {
  const values = [...sealedFor(server, sealed)]
    .map(([key, { scope, ciphertext }]) => [key, scope, ciphertext] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256').update(JSON.stringify(values)).digest('hex').slice(0, digits);
  return `${server.name}${ending}-${digest}`;
}

/** A text with the digits of such names left out, to compare what nothing but another value has changed. */
export function withoutDigits(text: string): string {
  return text.replace(new RegExp(`(${ending})-[0-9a-f]{${digits}}(?![-.\\w])`, 'g'), '$1-…');
}
