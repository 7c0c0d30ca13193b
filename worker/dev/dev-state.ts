import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run dev` keeps in this checkout, also for `npm run call`. */

/** The secret of this checkout's workers; made once. */
export function devSecret(root: string): string {
  return madeOnce(root, secretFile, () => randomBytes(24).toString('base64url'));
}

/** The API key of this checkout's engine for tests; made once. */
export function devApiKey(root: string): string {
  return madeOnce(root, apiKeyFile, () => `arc_${randomBytes(18).toString('base64url')}`);
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
const apiKeyFile = '.cache/dev-engine-key';
const addressesFile = '.cache/dev-addresses.json';

function madeOnce(root: string, file: string, make: () => string): string {
  const known = readText(root, file);
  if (known !== undefined) return known;
  const made = make();
  writeText(root, file, made);
  return made;
}

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
