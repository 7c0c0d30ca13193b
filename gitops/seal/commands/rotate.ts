import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { outletFor } from '../plaintext-out';
import { generate } from '../read-plaintext';
import { rotationSteps } from '../rotation';
import { placeOf, writeValue } from '../seal-value';
import { answer, certificatesOf, serverOf } from '../seal-world';
import { readSealedFile, writeSealedFile } from '../sealed-file';
import { serverAndKey, subcommand } from '../subcommand';

const { previousSecret } = contract.env;

/** Starts a rotation: a new value beside the current one, and the steps that end it. */
export const rotate = subcommand({
  usage: `npm run seal -- rotate <server> <KEY>   replaces the worker secret without an outage: the first of two commands

  generates a new value, keeps the current one as ${previousSecret}, and prints the steps to take
  --plaintext-out <path>        writes the new value to a new file that git ignores, instead of showing it once
  --json                        answers for a program`,
  options: { 'plaintext-out': { type: 'string' } },
  async run(flags, names, world) {
    const { server: name, key } = serverAndKey(names);
    const server = serverOf(name, world);
    const certificates = certificatesOf(world);
    const file = readSealedFile(world.root, server);
    const kept = decide(server, file, { kind: 'rotate', key }, certificates.known);
    const scope = kept.get(previousSecret)?.scope ?? 'strict';
    const outlet = outletFor(flags['plaintext-out'], world);
    const secret = generate();
    try {
      const { value, warnings } = writeValue({ server, key, secret, scope, certificates, file, kept, outlet }, world);
      const forProgram = { server: name, key, previous: previousSecret, ...placeOf(value), file: server.sealedFile };
      const done = `✓ ${key} of ${name} is a new value; the one before is ${previousSecret}`;
      answer(world, forProgram, `${done}\n\n${rotationSteps(server, outlet.words)}`, warnings);
      return 0;
    } finally {
      secret.wipe();
    }
  },
});

/** Ends a rotation: the worker accepts the new value alone from the next delivery on. */
export const finish = subcommand({
  usage: `npm run seal -- finish <server> <KEY>   the second command of a rotation: drops the previous value

  only once the new value is delivered, the engine has it, and npm run verify has passed with it
  --json                        answers for a program`,
  options: {},
  async run(_, names, world) {
    const { server: name, key } = serverAndKey(names);
    const server = serverOf(name, world);
    const file = readSealedFile(world.root, server);
    writeSealedFile(world.root, server, file, decide(server, file, { kind: 'finish', key }));
    const done = [
      `✓ ${previousSecret} of ${name} is dropped from ${server.sealedFile}`,
      '  Once this is delivered, the worker refuses the old value: by now the engine must have the new one, and npm run verify',
      `  must have passed with it. If not, take it back and do that first: git restore ${server.sealedFile}`,
      '  next  npm run synth, commit, npm run deliver',
    ].join('\n');
    answer(world, { server: name, key, file: server.sealedFile }, done);
    return 0;
  },
});
