import { type Sealable, sealCommand } from '../../model/sealed';
import { contract } from '../../worker/contract';

const { secret } = contract.env;

/** What is left of a rotation that has been started. Dropping the previous value too early locks the engine out. */
export function remainingSteps(server: Sealable): string {
  return [
    'finish the rotation, in this order: deliver both values and wait for new pods',
    'give the engine the new value',
    'see npm run verify pass with it',
    `then ${sealCommand(server, secret, 'finish')}`,
  ].join('; ');
}

/** What to do, and in which order, so that no call is refused in between. */
export function rotationSteps(server: Sealable, whereNewValueIs: string): string {
  const { name, platform } = server;
  return [
    'Four steps, in this order; the worker accepts both values until the last.',
    `  1  Deliver both: npm run synth, commit, npm run deliver, merge. New pods start once the cluster has opened both, and`,
    `     those before go on until then: wait until npm run verify -- ${name}${platform.flag} --kubectl passes.`,
    `  2  In the engine's dashboard, or in its configuration, give the worker ${name} the new secret`,
    `     (${whereNewValueIs}).`,
    '  3  Check that npm run verify lists the tools with the new secret. The worker counts calls that use the old one:',
    '     wait until that number stops rising.',
    `  4  Drop the old one: ${sealCommand(server, secret, 'finish')}, then npm run synth, commit, deliver, merge.`,
  ].join('\n');
}
