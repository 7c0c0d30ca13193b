import { join } from 'node:path';
import { root } from '../../cli/root';
import type { Recipe } from '../../testing/processes/server-process';

/** The server that has everything the suite asks for, as a process of its own. */
export function everythingServer(): Recipe {
  return {
    name: 'the server that has everything',
    command: [process.execPath, join(root, 'cli', 'run.mjs'), 'interop/mcp/everything/everything.main.ts'],
    environment: (port) => ({ PORT: String(port) }),
    readyPath: '/mcp',
  };
}
