import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { answer, type SealWorld } from '../seal-world';
import { writeSealedFile } from '../sealed-file';
import { subcommand, targetOf } from '../subcommand';

/** Removes one sealed value. */
export const drop = subcommand({
  usage: `npm run seal -- drop <server> <KEY>     removes one sealed value`,
  options: {},
  run: (_, names, world) =>
    remove('drop', names, world, (file, key) => `✓ ${key} is dropped from ${file}\n  next  npm run synth`),
});

/** Ends a rotation: the worker accepts the new value alone from the next delivery on. */
export const finish = subcommand({
  usage: `npm run seal -- finish <server> <KEY>   the second command of a rotation: drops the previous value

  only once the new value is delivered, the engine has it, and npm run verify has passed with it`,
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

function remove(
  kind: 'drop' | 'finish',
  names: readonly string[],
  world: SealWorld,
  told: (file: string, key: string, server: string) => string,
): number {
  const { server, key, file } = targetOf(names, world);
  writeSealedFile(world.root, server, file, decide(server, file, { kind, key }));
  const { name, sealedFile } = server;
  return answer(world, { server: name, key, file: sealedFile }, told(sealedFile, key, name));
}
