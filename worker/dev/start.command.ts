import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { usageText } from '../../cli/usage';
import { Problem } from '../../model/problem';
import { bundle } from '../build.mjs';
import { contract } from '../contract';
import { bundleFile, theServer } from './built-here';

const { env } = contract;

// The worker as the image runs it, from a fresh bundle. It serves HTTP by default and then requires the secret: without one
// it would have no worker routes.
void runCommand({
  usage: usageText({
    forms: { 'npm start [-- <server>]': 'runs a worker as its image runs it, until Ctrl-C' },
    notes: [
      `${env.secret} is required: the secret that the engine signs with. ${env.port} is ${contract.port} by default, WORKER_OPERATIONS_PORT (metrics and probes) ${contract.operationsPort}. docs/variables.md lists all variables.`,
      'After SIGTERM it serves for WORKER_DRAIN_SECONDS more.',
    ],
    examples: [`${env.secret}=… npm start -- weather`],
  }),
  options: {},
  async run(_flags, [name]) {
    const server = theServer(root, name);
    process.env[env.transport] ??= 'http';
    if (process.env[env.transport] !== 'stdio' && process.env[env.secret] === undefined) {
      throw new Problem('SECRET-INPUT', `Cannot start the worker: ${env.secret} is missing`, {
        fix: 'set it, or use `npm run dev`, which generates one',
      });
    }
    process.setSourceMapsEnabled(true);
    const file = bundleFile(root, server.name);
    process.once('exit', () => {
      for (const path of [file, `${file}.map`]) rmSync(path, { force: true });
    });
    await bundle(root, `servers/${server.name}`, file);
    process.argv.splice(2);
    createRequire(file)(file);
    return 0;
  },
});
