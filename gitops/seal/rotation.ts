import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';
import { type Sealable, type Sealed, type SealedOwner, sealCommand } from '../../model/sealed';
import type { Server } from '../../model/spec';
import { contract } from '../../worker/contract';
import { blobTexts, git } from '../git/git';
import { isBelowGit } from './plaintext-out';

const { operationsPort } = contract;
const { secret, previousSecret } = contract.env;

/** What is left of a rotation that has been started. Dropping the previous value too early locks the engine out. */
export function remainingSteps(server: Sealable): string {
  return [
    'finish the rotation, in this order: deliver both values and wait for new pods',
    'give the engine the new value',
    'see npm run verify pass with it',
    `then ${sealCommand(server, secret, 'finish')}`,
    `or, when the new value is lost, take the rotation back: ${sealCommand(server, secret, 'abandon')}`,
  ].join('; ');
}

/** What to do, and in which order, so that no call is refused in between. */
export function rotationSteps(server: Sealable, whereNewValueIs: string): string {
  const { name, platform } = server;
  return [
    'Four steps, in this order; the worker accepts both values until the last.',
    '  1  Deliver both: npm run synth, commit, npm run deliver, merge. New pods start once the cluster has opened both, and',
    '     those before go on until then. Wait until this passes:',
    `     npm run verify -- ${name}${platform.flag} --kubectl --no-secret --wait 5m`,
    `  2  In the engine's dashboard, or in its configuration, give the worker ${name} the new secret`,
    `     (${whereNewValueIs}).`,
    '  3  Check that npm run verify lists the tools with the new secret. The worker counts calls that use the old one: wait',
    `     until worker_previous_secret_total stands still. kubectl -n ${name} port-forward deploy/${name} ${operationsPort} leads to`,
    `     http://localhost:${operationsPort}/metrics of a pod.`,
    `  4  Drop the old one: ${sealCommand(server, secret, 'finish')}, then npm run synth, commit, deliver, merge.`,
  ].join('\n');
}

/**
 * That a rotation cannot be finished because both of its values cannot have been delivered: no manifest that was last
 * committed has them; where there is no git, none in `dist/`. The value before is all that the cluster knows then.
 */
export function notDelivered(
  server: SealedOwner & Pick<Server, 'manifests'>,
  sealed: Sealed,
  root: string,
): readonly Problem[] {
  const file = `dist/${server.manifests}/sealedsecret.yaml`;
  const manifest = lastCommitted(root, file);
  const missing = [secret, previousSecret].filter((key) => !manifest.includes(sealed.get(key)?.ciphertext ?? '\0'));
  if (missing.length === 0) return [];
  const where = isBelowGit(root) ? 'no commit has' : 'dist/ has not';
  const message = `Cannot finish the rotation of "${server.name}": ${where} both values, so they were not delivered`;
  return [new Problem('SEAL-ROTATION', message, { file, path: missing.join(', '), fix: remainingSteps(server) })];
}

/**
 * The text of a file as it was last committed, or as it lies there where nothing is committed; empty when it is not there.
 * @throws Problem TARGET-GIT or TOOL-MISSING where git cannot tell
 */
function lastCommitted(root: string, file: string): string {
  if (!isBelowGit(root)) return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
  const asked = ['rev-parse', '--quiet', '--verify', `HEAD:./${file}`];
  const [blob = ''] = git(root, asked, { answers: [0, 1] }).split('\n');
  return blob === '' ? '' : (blobTexts(root, [blob])[0] ?? '');
}
