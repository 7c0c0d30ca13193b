import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { readServers } from '../../model/servers';
import type { SealWorld } from './seal-world';
import { commandFor } from './subcommands';

void runCommand(commandFor(process.argv.slice(2), realWorld));

function realWorld(isJson: boolean): SealWorld {
  const platform = readPlatform(root);
  return {
    root,
    platform,
    servers: readServers(root, platform),
    now: new Date(),
    environment: process.env,
    stdin: process.stdin,
    whenGivenUp: 'nothing was sealed',
    isJson,
    isTerminal: process.stdout.isTTY ?? false,
    print: (text) => process.stdout.write(`${text}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
    // A copy: the terminal may take its time, and the secret is overwritten right after.
    show: (secret) => process.stdout.write(Buffer.concat([secret.reveal(), Buffer.from('\n')])),
  };
}
