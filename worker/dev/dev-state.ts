import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run dev` leaves for `npm run call` in this checkout. */

/** The secret of this checkout's workers; made once. */
export function devSecret(root: string): string {
  const known = readText(root, secretFile);
  if (known !== undefined) return known;
  const made = randomBytes(24).toString('base64url');
  writeText(root, secretFile, made);
  return made;
}

/** The same for who must not make one. Undefined: `npm run dev` has never run here. */
export function knownDevSecret(root: string): string | undefined {
  return readText(root, secretFile);
}

/** Where the workers of `npm run dev` listen, by server; of the last run that wrote them down. */
export function devAddresses(root: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readText(root, addressesFile) ?? '{}');
  } catch {
    // Another run is writing it, or was cut short: the usual port is asked then.
    return {};
  }
}

export function noteDevAddresses(root: string, addresses: Readonly<Record<string, string>>): void {
  writeText(root, addressesFile, JSON.stringify({ ...devAddresses(root), ...addresses }));
}

const secretFile = '.cache/dev-worker-secret';
const addressesFile = '.cache/dev-addresses.json';

function readText(root: string, file: string): string | undefined {
  try {
    return readFileSync(join(root, file), 'utf8');
  } catch {
    // The first start in this checkout.
    return undefined;
  }
}

function writeText(root: string, file: string, text: string): void {
  mkdirSync(join(root, '.cache'), { recursive: true });
  writeFileSync(join(root, file), text, { mode: 0o600 });
}
