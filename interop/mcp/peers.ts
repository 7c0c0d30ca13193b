import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../servers/problem';
import { repositoryRoot } from '../../worker/vectors/vector';
import { cacheFolder, failureOf } from '../worker/cache-folder';

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
  const list = join(repositoryRoot(), 'interop', 'mcp', 'peers.json');
  const nodePackage = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const recipe = `${readFileSync(list, 'utf8')}${nodePackage}@${nodeVersion}`;
  const folder = cacheFolder('mcp-peers', recipe, (empty) => {
    process.stderr.write('Installing the peers of the MCP endpoint from the registry …\n');
    copyFileSync(list, join(empty, 'package.json'));
    // Without scripts: none of them needs one, Node comes as a package with nothing but its binary.
    const options = ['--no-audit', '--no-fund', '--ignore-scripts', '--no-package-lock'];
    need('the packages of interop/mcp/peers.json', empty, ['install', ...options]);
    need(`Node ${nodeVersion} for this machine`, empty, [
      'install',
      ...options,
      '--no-save',
      `${nodePackage}@${nodeVersion}`,
    ]);
  });
  const node = join(folder, 'node_modules', nodePackage, 'bin', 'node');
  const failure = failureOf(node, ['--version']);
  if (failure !== undefined) throw missing(`a Node ${nodeVersion} that runs here`, failure);
  return { node, file: (path) => join(folder, 'node_modules', path) };
}

const nodeVersion = '22.23.3';

function need(what: string, cwd: string, args: readonly string[]): void {
  const failure = failureOf('npm', args, { cwd });
  if (failure !== undefined) throw missing(what, failure);
}

function missing(what: string, failure: string): Problem {
  return new Problem('TOOL-MISSING', `Cannot prove the MCP endpoint: it needs ${what}\n${failure}`, {
    fix: 'allow npm to reach a registry that has these versions, remove the folder .cache/, then run again',
  });
}
