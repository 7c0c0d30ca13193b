import { defaultScope } from '../../../model/scope';
import { contract } from '../../../worker/contract';
import { decide } from '../decide';
import { outletFor } from '../plaintext-out';
import { generate } from '../read-plaintext';
import { rotationSteps } from '../rotation';
import { writeValue } from '../seal-value';
import { answer, certificatesOf } from '../seal-world';
import { subcommand, targetOf } from '../subcommand';

const { previousSecret } = contract.env;

/** Starts a rotation: adds a new value next to the current one and prints the steps to finish it. */
export const rotate = subcommand({
  usage: {
    forms: {
      'npm run seal -- rotate <server> <KEY>':
        'replaces the worker secret without an outage: the first of two commands',
    },
    flags: {
      '--plaintext-out <path>': 'writes the new value to a new file that git ignores, instead of showing it once',
    },
    notes: [`Generates a new value, keeps the current one as ${previousSecret}, and prints the next steps.`],
    examples: ['npm run seal -- rotate weather ARCADE_WORKER_SECRET'],
  },
  options: { 'plaintext-out': { type: 'string' } },
  run(flags, names, world) {
    const { server, key, file } = targetOf(names, world, 'rotate');
    const certificates = certificatesOf(world);
    const kept = decide(server, file, { kind: 'rotate', key }, certificates.known);
    const scope = kept.get(previousSecret)?.scope ?? defaultScope;
    const outlet = outletFor(flags['plaintext-out'], server, world);
    const secret = generate();
    const { place, warnings } = writeValue({ server, key, secret, scope, certificates, file, kept, outlet }, world);
    const forProgram = { server: server.name, key, previous: previousSecret, ...place, file: server.sealedFile };
    const done = `✓ ${key} of ${server.name} is a new value; the previous one is now ${previousSecret}`;
    return answer(world, forProgram, `${done}\n\n${rotationSteps(server, flags['plaintext-out'])}`, warnings);
  },
});
