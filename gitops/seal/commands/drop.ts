import { stopOnErrors } from '../../../model/problem';
import type { Sealable } from '../../../model/sealed';
import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { deliverCommand, notDelivered } from '../rotation';
import { answer, type SealWorld } from '../seal-world';
import { writeSealedFile } from '../sealed-file';
import { subcommand, targetOf } from '../subcommand';

/** Removes one sealed value. */
export const drop = subcommand({
  usage: {
    forms: { 'npm run seal -- drop <server> <KEY>': 'removes one sealed value' },
    examples: ['npm run seal -- drop weather API_KEY'],
  },
  options: {},
  run: (_, names, world) =>
    remove('drop', names, world, (file, key) => `✓ ${key} is dropped from ${file}\n  next  npm run synth`),
});

/** Finishes a rotation: from the next delivery on, the worker accepts only the new value. Refuses until both were delivered. */
export const finish = subcommand({
  usage: {
    forms: {
      'npm run seal -- finish <server> <KEY>': 'ends a rotation: drops the previous value; the second of two commands',
    },
    notes: ['Run it only after the new value was delivered, the engine has it, and npm run verify has passed with it.'],
    examples: ['npm run seal -- finish weather ARCADE_WORKER_SECRET'],
  },
  options: {},
  run: (_, names, world) =>
    remove('finish', names, world, (file, _key, server) =>
      [
        `✓ ${contract.env.previousSecret} of ${server.name} is dropped from ${file}`,
        '  Once this is delivered, the worker rejects the old value. The engine must already have the new one, and npm run verify',
        `  must have passed with it. If not, undo this and do that first: git restore ${file}`,
        `  next  npm run synth, commit, ${deliverCommand(server)}`,
      ].join('\n'),
    ),
});

/** Rolls a rotation back: only the previous value remains. */
export const abandon = subcommand({
  usage: {
    forms: {
      'npm run seal -- abandon <server> <KEY>': 'undoes a rotation: drops the new value and keeps the previous one',
    },
    notes: ['For a new value that is lost or no longer wanted.'],
    examples: ['npm run seal -- abandon weather ARCADE_WORKER_SECRET'],
  },
  options: {},
  run: (_, names, world) =>
    remove('abandon', names, world, (file, key, server) =>
      [
        `✓ ${key} of ${server.name} in ${file} is back to the value before the rotation`,
        '  Once this is delivered, the worker rejects the new value. If the engine already has it, give it the previous one first',
        `  next  npm run synth; and, if both values were delivered, commit, ${deliverCommand(server)}`,
      ].join('\n'),
    ),
});

function remove(
  kind: 'drop' | 'finish' | 'abandon',
  names: readonly string[],
  world: SealWorld,
  describe: (file: string, key: string, server: Sealable) => string,
): number {
  const { server, key, file } = targetOf(names, world, kind);
  const kept = decide(server, file, { kind, key });
  if (kind === 'finish') stopOnErrors(notDelivered(server, file.sealed, world.root));
  writeSealedFile(world.root, server, file, kept);
  const { name, sealedFile } = server;
  return answer(world, { server: name, key, file: sealedFile }, describe(sealedFile, key, server));
}
