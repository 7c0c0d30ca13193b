import { Problem } from '../../model/problem';
import { type Sealed, type SealedOwner, type SealedValue, sealCommand } from '../../model/sealed';
import { contract } from '../../worker/contract';

const { secret, previousSecret } = contract.env;

/**
 * Starts a rotation: the current value becomes the previous one, and a new one takes its place. A ciphertext is bound to
 * the name of its object and not to its key (sealed-secrets 0.36.6), so it moves as it is, without its plaintext.
 * @param resealed the current value sealed anew, when its plaintext was at hand
 * @throws Problem USAGE, SEAL-MISSING or SEAL-ROTATION
 */
export function startRotation(
  server: SealedOwner,
  sealed: Sealed,
  fresh: SealedValue,
  resealed?: SealedValue | undefined,
): Sealed {
  const current = currentValue(server, sealed);
  return new Map([...sealed, [previousSecret, resealed ?? withoutCheck(current)], [secret, fresh]]);
}

/**
 * The value that a rotation starts from.
 * @throws Problem SEAL-MISSING when there is none, SEAL-ROTATION when a rotation is under way already
 */
export function currentValue(server: SealedOwner, sealed: Sealed): SealedValue {
  const current = sealed.get(secret);
  const where = { file: server.sealedFile, path: secret };
  if (current === undefined) {
    const fix = `${sealCommand(server.name, secret)} --generate`;
    throw new Problem('SEAL-MISSING', `Cannot rotate the secret of "${server.name}": it has no sealed value yet`, {
      ...where,
      fix,
    });
  }
  if (sealed.has(previousSecret)) {
    throw new Problem('SEAL-ROTATION', `Cannot rotate the secret of "${server.name}": a rotation is under way`, {
      ...where,
      fix: remainingSteps(server),
    });
  }
  return current;
}

/**
 * Refuses to seal over the new value of a rotation: the engine may have it already, and nobody could tell which is which.
 * A new value that cannot be read may be sealed again.
 * @throws Problem SEAL-ROTATION
 */
export function checkNotRotating(server: SealedOwner, key: string, sealed: Sealed): void {
  if (key !== secret || !sealed.has(secret) || !sealed.has(previousSecret)) return;
  const message = `Cannot seal another ${secret} of "${server.name}": a rotation is under way, and its new value would be lost`;
  throw new Problem('SEAL-ROTATION', message, {
    file: server.sealedFile,
    path: secret,
    fix: `${remainingSteps(server)}; or, when the engine uses neither value, drop the previous one: ${sealCommand(server.name, previousSecret)} --drop`,
  });
}

/** Whether a rotation is under way, and since which day; the day is undefined when the new value cannot be read. */
export function openRotation(sealed: Sealed): { readonly since: string | undefined } | undefined {
  return sealed.has(previousSecret) ? { since: sealed.get(secret)?.sealedOn } : undefined;
}

/** What is left of a rotation that has been started. Dropping the previous value too early locks the engine out. */
export function remainingSteps(server: Pick<SealedOwner, 'name'>): string {
  return [
    'finish the rotation, in this order: deliver both values and wait for the pods',
    'give the engine the new value',
    'see npm run verify pass with it',
    `then ${sealCommand(server.name, secret)} --finish`,
  ].join('; ');
}

/** Ends a rotation: drops the previous value. @throws Problem SEAL-ROTATION when none is under way */
export function finishRotation(server: SealedOwner, sealed: Sealed): Sealed {
  if (!sealed.has(previousSecret)) {
    throw new Problem('SEAL-ROTATION', `Cannot finish a rotation of "${server.name}": none is under way`, {
      file: server.sealedFile,
      path: previousSecret,
      fix: `start one: ${sealCommand(server.name, secret)} --rotate`,
    });
  }
  return new Map([...sealed].filter(([key]) => key !== previousSecret));
}

/** Refuses any key but the one that the worker accepts two values of. @throws Problem USAGE */
export function checkRotatable(key: string): void {
  if (key === secret) return;
  throw new Problem(
    'USAGE',
    `Cannot rotate this key without an outage: the worker accepts two values of ${secret} alone`,
    {
      fix: 'seal a new value in its place',
    },
  );
}

/** What to do, and in which order, so that no call is refused in between. */
export function rotationSteps({ name }: SealedOwner, whereNewValueIs: string): string {
  return [
    'Four steps, in this order; the worker accepts both values until the last.',
    `  1  Deliver both: npm run synth, commit, npm run deliver, merge; wait until the pods of ${name} have rolled.`,
    `  2  In the engine's dashboard, or in its configuration, give the worker ${name} the new secret`,
    `     (${whereNewValueIs}).`,
    '  3  npm run verify shows the tools with the new secret; the worker counts calls that still use the old one:',
    '     wait until that stands still.',
    `  4  Drop the old one: ${sealCommand(name, secret)} --finish, then npm run synth, commit, deliver, merge.`,
  ].join('\n');
}

/** The check covers the key's name, which changes; a wrong one must not stay. */
function withoutCheck({ check: _, ...value }: SealedValue): SealedValue {
  return value;
}
