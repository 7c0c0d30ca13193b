import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Files that `npm run dev` keeps in .cache, also for `npm run call`. */

/** The worker secret of this checkout; generated once. */
export function devSecret(root: string): string {
  return madeOnce(root, secretFile, () => randomBytes(24).toString('base64url'));
}

/** The API key of this checkout's fake engine; generated once. */
export function devApiKey(root: string): string {
  return madeOnce(root, apiKeyFile, () => `arc_${randomBytes(18).toString('base64url')}`);
}

/** The worker secret, if `npm run dev` has generated one. */
export function knownDevSecret(root: string): string | undefined {
  return readText(root, secretFile);
}

/** The URLs of the workers of the last `npm run dev`, by server. */
export function devAddresses(root: string): Readonly<Record<string, string>> {
  try {
    return JSON.parse(readText(root, addressesFile) ?? '{}');
  } catch {
    // Another process is writing the file, or was interrupted: fall back to the default port.
    return {};
  }
}

/** Adds to the URLs that `devAddresses` returns. */
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
