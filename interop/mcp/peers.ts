import { copyFileSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder, npmInstall } from '../../testing/processes/cache-folder';
import { nodeProgram } from '../../testing/processes/node-program';
import { type Ending, endingOf } from '../../testing/processes/program';

/** The programs that the MCP endpoint is tested with. */
export interface Peers {
  /** A Node 22: the conformance suite and the Inspector do not run on 20, though not all of them declare it. */
  readonly node: string;
  /** The path of a file in an installed package. */
  file(path: string): string;
  /** Runs a script to its end in an empty folder, which is also HOME. Of our environment it gets only PATH. */
  run(script: string, ...args: readonly string[]): Promise<Ending>;
}

/** Installs the versions in peers.json into an ignored folder. @throws Problem TOOL-MISSING when that fails */
export async function mcpPeers(): Promise<Peers> {
  const list = join(root, 'interop/mcp/peers.json');
  const folder = await cacheFolder('mcp-peers', readFileSync(list, 'utf8'), async (empty) => {
    copyFileSync(list, join(empty, 'package.json'));
    await npmInstall(empty, 'install', '--no-package-lock');
  });
  const node = await nodeProgram('22.23.3');
  return {
    node,
    file: (path) => join(folder, 'node_modules', path),
    run: (script, ...args) => {
      const home = mkdtempSync(join(tmpdir(), 'peer-'));
      return endingOf(node, [script, ...args], {
        cwd: home,
        env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1' },
      });
    },
  };
}
