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

/** The remaining steps of an open rotation, one a line. Dropping the previous value too early locks the engine out. */
export function remainingSteps(server: Sealable): string {
  const { name, platform } = server;
  return [
    'finish the rotation, in this order:',
    `1  npm run synth, commit, ${deliverCommand(server)}, merge; wait for new pods`,
    '2  give the engine the new value',
    `3  check that this passes with it: npm run verify -- ${name}${platform.flag}`,
    `4  ${sealCommand(server, secret, 'finish')}`,
    `or, if the new value is lost, roll the rotation back: ${sealCommand(server, secret, 'abandon')}`,
  ].join('\n');
}

/** The `npm run deliver` command line for the platform of a server. */
export function deliverCommand({ name, platform }: Sealable): string {
  return `npm run deliver -- ${name} --to <checkout> --commit${platform.flag}`;
}

/**
 * The steps of a rotation, in an order in which the worker rejects no call.
 * @param file the file with the new value. @default - it was shown on the terminal
 */
export function rotationSteps(server: Sealable, file: string | undefined): string {
  const { name, platform } = server;
  const verify = `npm run verify -- ${name}${platform.flag}`;
  const deliver = `npm run synth, commit, ${deliverCommand(server)}, merge`;
  return [
    'Four steps, in this order; the worker accepts both values until the last.',
    `  1  Deliver both: ${deliver}.`,
    '     New pods start once the cluster has decrypted both values; the old pods keep running until then.',
    '     Wait until this passes:',
    `     ${verify} --kubectl --no-secret --wait 5m`,
    `  2  In the engine's dashboard, or in its configuration, give the worker ${name} the new secret`,
    `     (${file === undefined ? 'shown above, only once' : `in ${file}`}).`,
    '  3  Check that this lists the tools with the new secret:',
    `     ${verify}${file === undefined ? '' : ` --secret-file ${file}`}`,
    ...(file === undefined ? [] : [`     Then delete ${file}.`]),
    '     An image built here counts the calls that use the old secret. Wait until',
    `     worker_previous_secret_total stops growing at http://localhost:${operationsPort}/metrics, which is reachable after`,
    `     kubectl -n ${name} port-forward deploy/${name} ${operationsPort}`,
    `  4  Drop the old one: ${sealCommand(server, secret, 'finish')}, then ${deliver}.`,
  ].join('\n');
}

/**
 * Reports that a rotation cannot be finished because its two values were not delivered: the manifest in the last commit does
 * not have both; without git, the one in `dist/`. The cluster then knows only the previous value.
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
  const where = isBelowGit(root) ? 'the last commit' : 'dist/';
  const message = `Cannot finish the rotation of "${server.name}": ${where} does not have both values, so they were not delivered`;
  return [new Problem('SEAL-ROTATION', message, { file, path: missing.join(', '), fix: remainingSteps(server) })];
}

/**
 * The text of a file in the last commit, or on disk outside a git work tree; empty when the file does not exist.
 * @throws Problem TARGET-GIT or TOOL-MISSING when git fails
 */
function lastCommitted(root: string, file: string): string {
  if (!isBelowGit(root)) return existsSync(join(root, file)) ? readFileSync(join(root, file), 'utf8') : '';
  const args = ['rev-parse', '--quiet', '--verify', `HEAD:./${file}`];
  const [blob = ''] = git(root, args, { exitCodes: [0, 1] }).split('\n');
  return blob === '' ? '' : (blobTexts(root, [blob])[0] ?? '');
}
