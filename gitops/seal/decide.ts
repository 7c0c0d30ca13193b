import { nearest } from '../../model/nearest';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Scope, type Sealed, type SealedReading, sealCommand, sealedKeys } from '../../model/sealed';
import { contract } from '../../worker/contract';
import { checkSealed, type KnownCertificate, type SealedFor } from './check-sealed';
import { remainingSteps } from './rotation';

/** What a command does to one sealed value of a server. */
export type SealedChange =
  | { readonly kind: 'set'; readonly key: string; readonly scope: Scope }
  | { readonly kind: 'rotate' | 'finish' | 'drop'; readonly key: string };

/**
 * Decides what stays of the sealed values of a server when one of them changes. `set` and `rotate` add a new value to it.
 * @param known the certificates that values may be under. @default - none, which is enough for `finish` and `drop`
 * @throws Problems with everything that speaks against the change
 */
export function decide(
  server: SealedFor,
  reading: SealedReading,
  change: SealedChange,
  known: readonly KnownCertificate[] = [],
): Sealed {
  const { sealed } = reading;
  const { key } = change;
  switch (change.kind) {
    case 'set': {
      const odd = [
        ...misspelt(server, key),
        ...lostRotation(server, key, sealed),
        ...incompatible(server, change, sealed, known),
      ];
      stopOnErrors([...unreadable(reading, key), ...odd]);
      return without(sealed, key);
    }
    case 'rotate': {
      stopOnErrors(notRotatable(key));
      stopOnErrors(reading.problems);
      // A current value that the cluster cannot open would turn into an outage at the end.
      const current = checkSealed(server, sealed, known).filter(({ path }) => path === key);
      stopOnErrors([...current, ...underWay(server, sealed)]);
      // Ciphertext is bound to the name of its object and not to its key (sealed-secrets 0.36.6), so it moves as it is.
      return new Map([...sealed].map(([name, value]) => [name === secret ? previousSecret : name, value]));
    }
    case 'finish':
      stopOnErrors(notRotatable(key));
      stopOnErrors([...unreadable(reading, previousSecret), ...notUnderWay(server, sealed)]);
      return without(sealed, previousSecret);
    case 'drop':
      stopOnErrors([...unreadable(reading, key), ...nothingToDrop(server, key, reading)]);
      return without(sealed, key);
  }
}

const { secret, previousSecret } = contract.env;

function without(sealed: Sealed, key: string): Sealed {
  return new Map([...sealed].filter(([other]) => other !== key));
}

/** The entries that cannot be read and would be lost; the one that is replaced or dropped may be broken. */
function unreadable({ problems }: SealedReading, key: string): Problem[] {
  return problems.filter(({ path }) => path !== key);
}

/** A key that is near one of the server's is probably a typo; an unrelated one may come before its declaration. */
function misspelt({ name, secrets }: SealedFor, key: string): Problem[] {
  const known = [...secrets, ...(secrets.includes(secret) ? [previousSecret] : [])];
  const meant = known.includes(key) ? undefined : nearest(key, known);
  if (meant === undefined) return [];
  const message = `Cannot seal ${key}: it is not among the secrets of "${name}"; did you mean ${meant}?`;
  const fix = `write ${meant}; or, if ${key} is meant, name it there first`;
  return [new Problem('SEAL-UNUSED', message, { file: `servers/${name}/server.ts`, path: 'secrets', fix })];
}

/** The engine may have the new value of a rotation already, and nobody could tell which is which. */
function lostRotation({ name, sealedFile: file }: SealedFor, key: string, sealed: Sealed): Problem[] {
  if (key !== secret || !sealed.has(secret) || !sealed.has(previousSecret)) return [];
  const message = `Cannot seal another ${secret} of "${name}": a rotation is under way, and its new value would be lost`;
  const drop = sealCommand(name, previousSecret, 'drop');
  const fix = `${remainingSteps({ name })}; or, when the engine uses neither value, drop the previous one: ${drop}`;
  return [new Problem('SEAL-ROTATION', message, { file, path: key, fix })];
}

/** Values that the new one could not share an object with: of another scope, or under a certificate of another cluster. */
function incompatible(
  server: SealedFor,
  { key, scope }: { readonly key: string; readonly scope: Scope },
  sealed: Sealed,
  known: readonly KnownCertificate[],
): Problem[] {
  return sealedKeys(server, sealed).flatMap((other) => {
    const value = sealed.get(other);
    if (value === undefined || other === key) return [];
    const isForeign = !known.some(({ sha256 }) => sha256 === value.certSha256);
    if (value.scope === scope && !isForeign) return [];
    const reason = isForeign
      ? `${other} is under a certificate that is not of this cluster`
      : `${key} would be ${scope} and ${other} is ${value.scope}`;
    const drop = `drop the other one and seal it again afterwards: ${sealCommand(server.name, other, 'drop')}`;
    const fix = isForeign ? drop : `use --scope ${value.scope}, or ${drop}`;
    const message = `Cannot put ${key} and ${other} into one object: ${reason}`;
    return new Problem('SEAL-MIXED', message, { file: server.sealedFile, path: other, fix });
  });
}

function notRotatable(key: string): Problem[] {
  if (key === secret) return [];
  const message = `Cannot rotate this key without an outage: the worker accepts two values of ${secret} alone`;
  return [new Problem('USAGE', message, { fix: 'seal a new value in its place: npm run seal -- set' })];
}

function underWay({ name, sealedFile: file }: SealedFor, sealed: Sealed): Problem[] {
  if (!sealed.has(previousSecret)) return [];
  const message = `Cannot rotate the secret of "${name}": a rotation is under way`;
  return [new Problem('SEAL-ROTATION', message, { file, path: secret, fix: remainingSteps({ name }) })];
}

function notUnderWay({ name, sealedFile: file }: SealedFor, sealed: Sealed): Problem[] {
  if (sealed.has(previousSecret)) return [];
  const message = `Cannot finish a rotation of "${name}": none is under way`;
  const fix = `start one: ${sealCommand(name, secret, 'rotate')}`;
  return [new Problem('SEAL-ROTATION', message, { file, path: previousSecret, fix })];
}

function nothingToDrop(
  { name, sealedFile: file }: SealedFor,
  key: string,
  { sealed, problems }: SealedReading,
): Problem[] {
  if (sealed.has(key) || problems.some(({ path }) => path === key)) return [];
  const fix = `choose one of: ${[...sealed.keys()].join(', ') || 'none is sealed'}`;
  return [
    new Problem('SEAL-MISSING', `Cannot drop ${key} of "${name}": it has no sealed value`, { file, path: key, fix }),
  ];
}
