// Runs one TypeScript entry of this repository: `node cli/run.mjs gitops/synth/synth.command.ts …`.
// Node 20 cannot read TypeScript. One bundle with the libraries starts in half the time that their thousand files take,
// and is kept in build/ until a source or the lockfile changes (measured 2026-11: docs/decisions/0001-launcher.md).
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Cannot start: Node ${process.versions.node} is older than 20.19`);
if (!existsSync(join(root, 'node_modules', 'esbuild'))) stop('Cannot start: nothing is installed yet; run npm ci');

const require = createRequire(join(root, 'package.json'));
const [entry, ...rest] = process.argv.slice(2);
const isDebugging = Boolean(process.env.DEBUG);
const prefix = `${entry.replace(/\W/g, '-')}.`;
// What npm has installed counts as well: a library that changed must not live on in an old bundle.
const state = `${stateOfSources()}${stateOf(join(root, 'node_modules/.package-lock.json'))}${isDebugging}`;
const file = join(root, 'build', `${prefix}${createHash('sha256').update(state).digest('hex').slice(0, 16)}.cjs`);
if (!existsSync(file)) bundleTo(file);
process.argv = [process.argv[0], join(root, entry), ...rest];
process.setSourceMapsEnabled(isDebugging);
require(file);

function bundleTo(path) {
  const temporary = `${path}.${process.pid}`;
  const sourcemap = isDebugging ? 'inline' : false;
  const settings = { absWorkingDir: root, entryPoints: [entry], bundle: true, platform: 'node', target: 'node20' };
  try {
    // Git keeps no empty folder, and esbuild takes a pattern in a folder that is missing for a mistake.
    for (const folder of ['servers', 'platforms']) mkdirSync(join(root, folder), { recursive: true });
    const { outputFiles } = require('esbuild').buildSync({
      ...settings,
      // A pattern takes in what it matches, and the tests that lie beside tools are no part of any command.
      external: ['esbuild', '*.test.ts'],
      minifyWhitespace: true,
      legalComments: 'none',
      sourcemap,
      write: false,
      logLevel: 'error',
    });
    mkdirSync(dirname(path), { recursive: true });
    // In one step: another command may want the same at this moment.
    writeFileSync(temporary, outputFiles[0].contents);
    renameSync(temporary, path);
  } catch (error) {
    // What esbuild cannot read, it has already said.
    stop('errors' in error ? 'Cannot start: a source cannot be read' : `Cannot start: ${error.message}`);
  }
  for (const name of readdirSync(dirname(path)).filter((other) => other.startsWith(prefix))) {
    const old = join(dirname(path), name);
    // One that is younger may be about to be loaded.
    if (Date.now() - statSync(old, { throwIfNoEntry: false })?.mtimeMs > 3_600_000) rmSync(old, { force: true });
  }
}

/** Changes with every source that comes, goes or changes; the system's own time of change cannot be set back. */
function stateOfSources(folder = root) {
  return readdirSync(folder, { withFileTypes: true })
    .map((item) => {
      const path = join(folder, item.name);
      if (item.isDirectory())
        return /^(\..*|node_modules|dist|build|sealed)$/.test(item.name) ? '' : stateOfSources(path);
      // Beside resources, which are sources too, lie files of any kind.
      const isBeside = /[\\/]resources([\\/]|$)/.test(folder.slice(root.length));
      return isBeside || /^[^.].*\.(m?[jt]s|json)$/.test(item.name) ? stateOf(path) : '';
    })
    .join('');
}

/** A file that is gone, such as a link to nowhere, has a state too. */
function stateOf(path) {
  const { ctimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? {};
  return `${path} ${ctimeMs} ${size}\n`;
}

function stop(reason) {
  console.error(reason);
  process.exit(1);
}
