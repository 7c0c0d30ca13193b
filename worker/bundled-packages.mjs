// Bundles the npm packages of a worker and caches the result in build/. Bundling packages takes 1.5 s of CPU time, bundling
// the worker and its tools 0.1 s (esbuild 0.28, 2026-11), and packages change only with an installation.
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

const settings = { bundle: true, platform: 'node', target: 'node20', minifyWhitespace: true };

/**
 * Bundles packages, or reads the cached bundle of the same packages from the same installation.
 * @param {string} root the repository's folder
 * @param {readonly string[]} ids the imports of the worker and its tools, such as `zod` or `@scope/name/part.js`
 * @returns {Promise<Buffer>} an expression: an object with a function per id, which evaluates the package on its first call
 * @throws the failure of esbuild, whose `errors` name the package that is not installed
 */
export async function bundledPackages(root, ids) {
  // npm records the actual installation here; the lockfile is only the intended one.
  const installed = await readFile(join(root, 'node_modules/.package-lock.json')).catch(() =>
    readFile(join(root, 'package-lock.json')),
  );
  const state = [JSON.stringify(settings), ids, installed].join();
  const file = join(root, 'build', `packages-${digestOf(ids.join())}.js`);
  const firstLine = Buffer.from(`// ${digestOf(state)}\n`);
  const cached = await readFile(file).catch(() => firstLine.subarray(1));
  if (cached.subarray(0, firstLine.length).equals(firstLine)) return cached.subarray(firstLine.length);
  const text = Buffer.from(
    `(function (module) {\n${await bundle(root, ids)}return module.exports;\n})({ exports: {} })`,
  );
  try {
    await mkdir(join(root, 'build'), { recursive: true });
    await writeFile(`${file}.${process.pid}`, Buffer.concat([firstLine, text]));
    // Atomically: another build may be reading the file.
    await rename(`${file}.${process.pid}`, file);
  } catch {
    // The cache is optional: without it the next build only takes longer.
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

/** Resolves dual packages to their `import` form, as all other importers do. `require` would bundle them twice. */
function resolveAsImported({ onResolve, resolve }) {
  onResolve({ filter: /.*/, namespace: 'file' }, ({ path, importer, resolveDir, pluginData }) => {
    if (pluginData === entry || !importer.endsWith(entry)) return undefined;
    return resolve(path, { kind: 'import-statement', importer, resolveDir, pluginData: entry });
  });
}

function digestOf(text) {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
