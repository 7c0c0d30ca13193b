import { decide } from '../decide';
import { answer, serverOf } from '../seal-world';
import { readSealedFile, writeSealedFile } from '../sealed-file';
import { serverAndKey, subcommand } from '../subcommand';

/** Removes one sealed value. */
export const drop = subcommand({
  usage: `npm run seal -- drop <server> <KEY>     removes one sealed value

  --json                        answers for a program`,
  options: {},
  async run(_, names, world) {
    const { server: name, key } = serverAndKey(names);
    const server = serverOf(name, world);
    const before = readSealedFile(world.root, server);
    writeSealedFile(world.root, server, before, decide(server, before, { kind: 'drop', key }));
    const file = server.sealedFile;
    answer(world, { server: name, key, file }, `✓ ${key} is dropped from ${file}\n  next  npm run synth`);
    return 0;
  },
});
