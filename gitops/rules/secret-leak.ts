import { at } from '../../model/json';
import type { Finding, ObjectCheck } from './check';

/** Rejects plaintext secrets: Secret objects, and text under a key that looks like the name of a secret. */
export const secretLeak: ObjectCheck = (object) => {
  if (object.kind === 'SealedSecret') return [];
  if (object.kind !== 'Secret') return leaks(object, []);
  return [{ code: 'SECRET-LEAK', path: 'kind', found: 'is a plain Secret', fix: 'seal its values: npm run seal' }];
};

function leaks(value: unknown, path: readonly string[]): readonly Finding[] {
  if (typeof value !== 'object' || value === null) return [];
  // An environment entry has its name and its text in separate members.
  const [name, text] = [at(value, 'name'), at(value, 'value')];
  const own = typeof name === 'string' && typeof text === 'string' ? [[name, text] as const] : [];
  return [...own, ...Object.entries(value)].flatMap(([key, member]) => {
    const here = [...path, key];
    if (typeof member !== 'string') return leaks(member, here);
    if (member === '' || !looksSecret(key)) return [];
    const found = 'holds plain text under a key that looks like a secret';
    const fix = 'list it under secrets in server.ts and seal it: npm run seal; or rename the key if it is not a secret';
    return [{ code: 'SECRET-LEAK', path: here.join('.'), found, fix }];
  });
}

/** `API_TOKEN`, `dbPassword`, `client_secret`, `example.com/token`; not `secretName`, `tokenUrl` or `monkey`. */
function looksSecret(key: string): boolean {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return /(^|[/_.-])(secret|password|passwd|passphrase|token|credentials?|(api|access|private|signing)_?key)([_.-]?(\d+|previous|value))?$/.test(
    words,
  );
}
