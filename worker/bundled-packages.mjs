// The npm packages of a worker as one text. Bundling them takes 1.5 s of processor time, bundling the worker and its
// tools 0.1 s (esbuild 0.28, 2026-11), and they change only when something is installed: so the text is kept in build/.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const settings = { bundle: true, platform: 'node', target: 'node20', minifyWhitespace: true };

/**
 * Bundles packages, or takes the text that was kept when the same ones were bundled out of the same installation.
 * @param {string} root the repository's folder
 * @param {readonly string[]} ids what the worker and its tools import, such as `zod` or `@scope/name/part.js`
 * @returns {Promise<Buffer>} an expression: an object with one function by id, which evaluates the package at its first call
 * @throws the failure of esbuild, whose `errors` say which package is not installed
 */
export async function bundledPackages(root, ids) {
  // npm writes down what it has installed; the lockfile says what it should.
  const installed = await readFile(join(root, 'node_modules/.package-lock.json')).catch(() =>
    readFile(join(root, 'package-lock.json')),
  );
  const state = [JSON.stringify(settings), ids, installed].join();
  const file = join(root, 'build', `packages-${digestOf(ids.join())}.js`);
  const firstLine = Buffer.from(`// ${digestOf(state)}\n`);
  const kept = await readFile(file).catch(() => firstLine.subarray(1));
  if (kept.subarray(0, firstLine.length).equals(firstLine)) return kept.subarray(firstLine.length);
  const text = Buffer.from(
    `(function (module) {\n${await bundle(root, ids)}return module.exports;\n})({ exports: {} })`,
  );
  try {
    await mkdir(join(root, 'build'), { recursive: true });
    await writeFile(`${file}.${process.pid}`, Buffer.concat([firstLine, text]));
    // In one step: another build may be reading it at this moment.
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // A folder that cannot be written costs the time that this would have saved, and nothing else.
  }
  return text;
}

async function bundle(root, ids) {
  const members = ids.map((id) => `${JSON.stringify(id)}: () => require(${JSON.stringify(id)})`);
  const { outputFiles } = await build({
    ...settings,
    absWorkingDir: root,
    stdin: { contents: `module.exports = {${members}};`, resolveDir: root, sourcefile: entry },
    write: false,
    logLevel: 'warning',
    plugins: [{ name: 'as-imported', setup: resolveAsImported }],
  });
  return outputFiles[0].text;
}

const entry = 'build/packages.js';

/** A package that has two forms gives the one for `import`, which its other importers get too; required, it would be there twice. */
function resolveAsImported({ onResolve, resolve }) {
  onResolve({ filter: /.*/, namespace: 'file' }, ({ path, importer, resolveDir, pluginData }) => {
    if (pluginData === entry || !importer.endsWith(entry)) return undefined;
    return resolve(path, { kind: 'import-statement', importer, resolveDir, pluginData: entry });
  });
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
