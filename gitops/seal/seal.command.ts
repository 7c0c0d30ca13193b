import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { readPlatform } from '../../model/platforms';
import { readServers } from '../../model/servers';
import { processWorld } from './seal-world';
import { commandFor } from './subcommands';

void runCommand(
  commandFor(process.argv.slice(2), (isJson) => {
    const platform = readPlatform(root);
    return processWorld(root, platform, readServers(root, platform), isJson);
  }),
);
