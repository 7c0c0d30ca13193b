import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand } from '../../cli/command';
import { root } from '../../cli/root';
import { pickPlatforms, readPlatforms } from '../../model/platforms';
import { readServers } from '../../model/servers';
import { processWorld } from './seal-world';
import { commandFor } from './subcommands';

void runCommand(
  commandFor(
    process.argv.slice(2),
    (isJson, platform) => {
      const platforms = readPlatforms(root);
      return processWorld(root, pickPlatforms(platforms, platform), readServers(root, platforms), isJson);
    },
    (name) => existsSync(join(root, 'servers', name)),
  ),
);
