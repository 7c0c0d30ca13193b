import { nearest } from '../../model/nearest';
import { Problem, stopOnErrors } from '../../model/problem';
import { type Scope, strictReason, usualScope } from '../../model/scope';
import { type Sealed, type SealedReading, sealCommand } from '../../model/sealed';
import { contract } from '../../worker/contract';
import { checkSealed, type SealedFor, sealProblem } from './check-sealed';
import type { KnownCertificate } from './pinned';
import { remainingSteps } from './rotation';

/** What a command does to one sealed value of a server. */
export type SealedChange =
  | { readonly kind: 'set'; readonly key: string; readonly scope: Scope }
  | { readonly kind: 'rotate' | 'finish' | 'abandon' | 'drop'; readonly key: string };

/**
 * Decides what stays of the sealed values of a server when one of them changes. `set` and `rotate` add a new value to it.
 * @param known the certificates that values may be under. @default - none, which is enough for all but `rotate`
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
  // Entries that cannot be read would be lost, except one that is replaced or dropped anyway.
  const unreadable = (goes: string) => reading.problems.filter(({ path }) => path !== goes);
  switch (change.kind) {
    case 'set':
      stopOnErrors([
        ...unreadable(key),
        ...misspelt(server, key),
        ...lostRotation(server, key, sealed),
        ...boundToName(server, change),
      ]);
      return without(sealed, key);
    case 'rotate': {
      stopOnErrors(notRotatable(key));
      stopOnErrors(reading.problems);
      // A current value that the cluster cannot open would turn into an outage at the end.
      const current = checkSealed(server, sealed, known).filter(({ path }) => path === key);
      stopOnErrors([...current, ...rotationIs('closed', server, sealed)]);
      // Ciphertext is bound to its namespace and not to its key (sealed-secrets 0.36.6), so it moves as it is.
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
      stopOnErrors([...unreadable(key), ...isThere(server, key, reading)]);
      return without(sealed, key);
  }
}

const { secret, previousSecret } = contract.env;

function without(sealed: Sealed, key: string): Sealed {
  return new Map([...sealed].filter(([other]) => other !== key));
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
function lostRotation(server: SealedFor, key: string, sealed: Sealed): Problem[] {
  if (key !== secret || !sealed.has(secret) || !sealed.has(previousSecret)) return [];
  const { name } = server;
  const message = `Cannot seal another ${secret} of "${name}": a rotation is under way, and its new value would be lost`;
  const drop = sealCommand(server, previousSecret, 'drop');
  const fix = `${remainingSteps(server)}; or, when the engine uses neither value, drop the previous one: ${drop}`;
  return [sealProblem('SEAL-ROTATION', server, key, message, fix)];
}

/** A value would be bound to one name. What other values are is no obstacle to sealing this one: synth tells of them. */
function boundToName(server: SealedFor, { key, scope }: { readonly key: string; readonly scope: Scope }): Problem[] {
  if (scope !== 'strict') return [];
  const message = `Cannot seal ${key} strict: ${strictReason}`;
  const fix = `leave --scope out: the value opens in the namespace of "${server.name}" alone (${usualScope})`;
  return [sealProblem('SEAL-SCOPE', server, key, message, fix)];
}

function notRotatable(key: string): Problem[] {
  if (key === secret) return [];
  const message = `Cannot rotate this key without an outage: the worker accepts two values of ${secret} alone`;
  return [new Problem('USAGE', message, { fix: 'seal a new value in its place: npm run seal -- set' })];
}

/** What is wrong when a rotation should be under way and is not, or the other way round. */
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

function isThere(server: SealedFor, key: string, { sealed, problems }: SealedReading): Problem[] {
  if (sealed.has(key) || problems.some(({ path }) => path === key)) return [];
  const keys = [...sealed.keys()];
  const meant = nearest(key, keys);
  const fix = meant === undefined ? `choose one of: ${keys.join(', ') || 'none is sealed'}` : `write ${meant}`;
  return [
    sealProblem('SEAL-MISSING', server, key, `Cannot drop ${key} of "${server.name}": it has no sealed value`, fix),
  ];
}
