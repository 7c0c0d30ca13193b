import { stopOnErrors } from '../../../model/problem';
import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { notDelivered } from '../rotation';
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

/** Ends a rotation: the worker accepts the new value alone from the next delivery on. Refused before both were delivered. */
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
        `✓ ${contract.env.previousSecret} of ${server} is dropped from ${file}`,
        '  Once this is delivered, the worker refuses the old value: by now the engine must have the new one, and npm run verify',
        `  must have passed with it. If not, take it back and do that first: git restore ${file}`,
        '  next  npm run synth, commit, npm run deliver',
      ].join('\n'),
    ),
});

/** Takes a rotation back: the value before is the only one again. */
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
        `✓ ${key} of ${server} in ${file} is the value from before the rotation`,
        '  Once this is delivered, the worker refuses the new value: if the engine has it already, give it the one before first',
        '  next  npm run synth; and, if both values were delivered, commit, npm run deliver',
      ].join('\n'),
    ),
});

function remove(
  kind: 'drop' | 'finish' | 'abandon',
  names: readonly string[],
  world: SealWorld,
  told: (file: string, key: string, server: string) => string,
): number {
  const { server, key, file } = targetOf(names, world, kind);
  const kept = decide(server, file, { kind, key });
  if (kind === 'finish') stopOnErrors(notDelivered(server, file.sealed, world.root));
  writeSealedFile(world.root, server, file, kept);
  const { name, sealedFile } = server;
  return answer(world, { server: name, key, file: sealedFile }, told(sealedFile, key, name));
}
