import { nearest } from '../../model/nearest';
import { Problem, stopOnErrors } from '../../model/problem';
import { defaultScope, type Scope, strictReason } from '../../model/scope';
import { isRotated, type Sealed, type SealedReading, sealCommand } from '../../model/sealed';
import { contract } from '../../worker/contract';
import { checkSealed, type SealedFor, sealProblem } from './check-sealed';
import type { KnownCertificate } from './pinned';
import { remainingSteps } from './rotation';

/** A change to one sealed value of a server. */
export type SealedChange =
  | { readonly kind: 'set'; readonly key: string; readonly scope: Scope }
  | { readonly kind: 'rotate' | 'finish' | 'abandon' | 'drop'; readonly key: string };

/**
 * Decides which sealed values of a server are kept when one of them changes. `set` and `rotate` then add a new value.
 * @param known the certificates that values may be under. @default - none, which is enough for all but `rotate`
 * @throws Problems with every reason against the change
 */
export function decide(
  server: SealedFor,
  reading: SealedReading,
  change: SealedChange,
  known: readonly KnownCertificate[] = [],
): Sealed {
  const { sealed } = reading;
  const { key } = change;
  // Writing the file would lose unreadable entries. Only the entry that is replaced or dropped anyway may be unreadable.
  const unreadable = (changed: string) => reading.problems.filter(({ path }) => path !== changed);
  switch (change.kind) {
    case 'set':
      stopOnErrors([
        ...unreadable(key),
        ...typo(server, key),
        ...lostRotation(server, key, sealed),
        ...boundToName(server, change),
      ]);
      return without(sealed, key);
    case 'rotate': {
      stopOnErrors(notRotatable(key));
      stopOnErrors(reading.problems);
      // If the cluster cannot open the current value, the rotation would end in an outage.
      const current = checkSealed(server, sealed, known).filter(({ path }) => path === key);
      stopOnErrors([...current, ...rotationIs('closed', server, sealed)]);
      // Ciphertext is bound to its namespace, not to its key (sealed-secrets 0.36.6), so it moves unchanged.
      return new Map([...sealed].map(([name, value]) => [name === secret ? previousSecret : name, value]));
    }
    case 'finish':
      stopOnErrors(notRotatable(key));
      stopOnErrors([...unreadable(previousSecret), ...rotationIs('open', server, sealed)]);
      return without(sealed, previousSecret);
    case 'abandon':
      stopOnErrors(notRotatable(key));
      stopOnErrors([...unreadable(secret), ...rotationIs('open', server, sealed)]);
      return new Map(
        [...without(sealed, secret)].map(([name, value]) => [name === previousSecret ? secret : name, value]),
      );
    case 'drop':
      stopOnErrors([...unreadable(key), ...mustExist(server, key, reading)]);
      return without(sealed, key);
  }
}

const { secret, previousSecret } = contract.env;

function without(sealed: Sealed, key: string): Sealed {
  return new Map([...sealed].filter(([other]) => other !== key));
}

/** A key close to a declared one is probably a typo; an unrelated key may be sealed before it is declared. */
function typo({ name, secrets }: SealedFor, key: string): Problem[] {
  const known = [...secrets, ...(secrets.includes(secret) ? [previousSecret] : [])];
  const meant = known.includes(key) ? undefined : nearest(key, known);
  if (meant === undefined) return [];
  const message = `Cannot seal ${key}: it is not among the secrets of "${name}"; did you mean ${meant}?`;
  const fix = `write ${meant}; or, if you mean ${key}, declare it there first`;
  return [new Problem('SEAL-UNUSED', message, { file: `servers/${name}/server.ts`, path: 'secrets', fix })];
}

/** The engine uses one of the two values of a rotation, so sealing another one over it could lose it. */
function lostRotation(server: SealedFor, key: string, sealed: Sealed): Problem[] {
  if (!isRotated(key, sealed)) return [];
  const which = key === secret ? 'new' : 'previous';
  const message = `Cannot seal another ${key} of "${server.name}": a rotation is under way, and its ${which} value would be lost`;
  const drop = sealCommand(server, previousSecret, 'drop');
  const fix = `${remainingSteps(server)}\nor, if the engine uses neither value, drop the previous one: ${drop}`;
  return [sealProblem('SEAL-ROTATION', server, key, message, fix)];
}

/** Rejects strict scope. Other values with a wrong scope do not block this one: synth reports them. */
function boundToName(server: SealedFor, { key, scope }: { readonly key: string; readonly scope: Scope }): Problem[] {
  if (scope !== 'strict') return [];
  const message = `Cannot seal ${key} with the scope strict: ${strictReason}`;
  const fix = `omit --scope: the value then opens only in the namespace of "${server.name}" (${defaultScope})`;
  return [sealProblem('SEAL-SCOPE', server, key, message, fix)];
}

function notRotatable(key: string): Problem[] {
  if (key === secret) return [];
  const message = `Cannot rotate this key without an outage: the worker accepts two values only of ${secret}`;
  return [new Problem('USAGE', message, { fix: 'seal a new value instead: npm run seal -- set' })];
}

/** The problem when a rotation must be under way and is not, or the reverse. */
function rotationIs(wanted: 'open' | 'closed', server: SealedFor, sealed: Sealed): Problem[] {
  if (sealed.has(previousSecret) === (wanted === 'open')) return [];
  if (wanted === 'closed') {
    const message = `Cannot rotate the secret of "${server.name}": a rotation is under way`;
    return [sealProblem('SEAL-ROTATION', server, secret, message, remainingSteps(server))];
  }
  const message = `Cannot end a rotation of "${server.name}": none is under way`;
  const fix = `start one: ${sealCommand(server, secret, 'rotate')}`;
  return [sealProblem('SEAL-ROTATION', server, previousSecret, message, fix)];
}

function mustExist(server: SealedFor, key: string, { sealed, problems }: SealedReading): Problem[] {
  if (sealed.has(key) || problems.some(({ path }) => path === key)) return [];
  const keys = [...sealed.keys()];
  const meant = nearest(key, keys);
  const list = keys.length === 0 ? 'nothing is sealed for this server' : `choose one of: ${keys.join(', ')}`;
  const fix = meant === undefined ? list : `write ${meant}`;
  return [
    sealProblem('SEAL-MISSING', server, key, `Cannot drop ${key} of "${server.name}": it has no sealed value`, fix),
  ];
}
