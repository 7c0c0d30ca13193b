import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { cacheFolder, failureOf } from '../../testing/processes/cache-folder';
import { nodeProgram } from '../../testing/processes/node-program';

/** Where the peers are. */
export interface Peers {
  /** A Node 22: the conformance suite and the Inspector do not run on 20, though they do not all say so. */
  readonly node: string;
  /** The file of a peer's program. */
  file(path: string): string;
}

/**
 * The peers at the versions of peers.json, in an ignored folder. The first call installs them from the registry.
 * @throws Problem TOOL-MISSING that says what cannot be had
 */
export function mcpPeers(): Peers {
  const list = join(root, 'interop', 'mcp', 'peers.json');
  const folder = cacheFolder('mcp-peers', readFileSync(list, 'utf8'), (empty) => {
    process.stderr.write('Installing the peers of the MCP endpoint from the registry …\n');
    copyFileSync(list, join(empty, 'package.json'));
    // None of them needs a script.
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    const failure = failureOf('npm', ['install', ...options], { cwd: empty });
    if (failure === undefined) return;
    throw new Problem(
      'TOOL-MISSING',
      `Cannot prove the MCP endpoint: it needs the packages of interop/mcp/peers.json\n${failure}`,
      { fix: 'allow npm to reach a registry that has these versions, then run again' },
    );
  });
  return { node: nodeProgram(nodeVersion), file: (path) => join(folder, 'node_modules', path) };
}

const nodeVersion = '22.23.3';
