// Bundles the worker with the tools and resources of one server into one file, the only one in the image besides Node:
// node worker/build.mjs <server> [outfile]. Default: build/<server>.cjs.
import { readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { isBuiltin } from 'node:module';
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundledPackages } from './bundled-packages.mjs';
import { resourcesIn, toolsIn } from './server-files.mjs';

/**
 * Bundles a server.
 * @param {string} root the repository's folder
 * @param {string} folder the server's folder, from the root
 * @param {string} outfile the file, written atomically, with its source map next to it
 * @param {{ trial?: string }} options `trial`: the module, from the root, with the `TrialParts` of worker/main.ts: its
 * `trialOf` lets local callers use the secrets that a developer provides. Never in an image. @default - none
 * @returns {Promise<void>}
 * @throws the failure of esbuild, whose `errors` name the file and the line
 */
export async function bundle(root, folder, outfile, { trial } = {}) {
  const entry = await entryOf(root, folder, trial);
  // In a separate run: a plugin that also checks every import of the worker takes a third of the build time.
  await checkImports(root, folder, 'warning');
  const { outputFiles, metafile } = await build({
    ...settings(root),
    stdin: { contents: entry, resolveDir: root, sourcefile: 'build/entry.ts', loader: 'ts' },
    outfile,
    target: 'node20',
    packages: 'external',
    // Dynamic imports use the same bundled packages.
    supported: { 'dynamic-import': false },
    banner: { js: '(function (require) {' },
    metafile: true,
    sourcemap: 'external',
    sourcesContent: false,
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports);
  const ids = imports.filter(({ path, external }) => external && !isBuiltin(path)).map(({ path }) => path);
  const packages = await bundledPackages(root, [...new Set(ids)].sort());
  const [map, own] = outputFiles.map(({ contents }) => contents);
  // The map first, so that a bundle never exists without its map.
  await writeAtomically(`${outfile}.map`, map);
  await writeAtomically(outfile, Buffer.concat([own, ...withPackages(packages, `${basename(outfile)}.map`)]));
}

/** Closes the function around the worker. Its `require` finds the bundled packages and Node's modules. */
function withPackages(packages, map) {
  const load = '(id) => Object.hasOwn(packages, id) ? packages[id]() : require(id)';
  const around = [`})((function (packages) { return ${load}; })(`, `));\n//# sourceMappingURL=${map}\n`];
  const [before, after] = around.map((text) => Buffer.from(text));
  return [before, packages, after];
}

async function writeAtomically(path, contents) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.${process.pid}`, contents);
  await rename(`${path}.${process.pid}`, path);
}

/**
 * Finds the forbidden imports of a server's tools without bundling the worker.
 * @param {string} root
 * @param {string} folder
 * @returns {Promise<string[]>} one message each, with its code
 */
export async function foreignImports(root, folder) {
  const { errors } = await checkImports(root, folder, 'silent').catch((failure) => failure);
  return errors.map(({ text }) => text);
}

async function checkImports(root, folder, logLevel) {
  const entryPoints = sourcesIn(root, folder).modules.map((name) => `${folder}/${name}.ts`);
  const plugins = [ownImports(root, folder)];
  const options = { ...settings(root), entryPoints, outdir: 'build', packages: 'external', plugins, logLevel };
  const result = await build({ ...options, metafile: true });
  // Links, package.json files and glob patterns reach files without calling a plugin.
  const outside = Object.keys(result.metafile.inputs).filter((input) => !input.startsWith(`${folder}/`));
  if (outside.length === 0) return result;
  throw failure(
    ...outside.map(
      (input) => `TOOL-IMPORT Cannot build ${folder}: its tools include "${input}", which is outside this folder`,
    ),
  );
}

function settings(root) {
  // Inline, because the image is built without tsconfig.json, and a server's own tsconfig.json must be ignored.
  const tsconfigRaw = { compilerOptions: { target: 'es2023', strict: true } };
  return { absWorkingDir: root, bundle: true, platform: 'node', write: false, logLevel: 'warning', tsconfigRaw };
}

/** The entry file, which connects a server to the worker. It loads each file separately, so that an error names the file. */
async function entryOf(root, folder, trial) {
  const { version, description } = await declarationOf(root, folder);
  const toolkit = { name: basename(folder).replaceAll('-', '_'), version, description };
  const { modules, files } = sourcesIn(root, folder);
  const loaders = [
    ...modules.map((name) => [name.replace(/^tools\//, ''), `require(${JSON.stringify(`./${folder}/${name}.ts`)})`]),
    ...files.map(({ name, base64 }) => [`resources/${name}`, `({ default: Buffer.from('${base64}', 'base64') })`]),
  ].map(([name, loaded]) => `${JSON.stringify(name)}: () => ${loaded}`);
  const imports = [`import { start } from './worker/main';`];
  if (trial !== undefined) imports.push(`import * as trial from ${JSON.stringify(`./${trial}`)};`);
  const rest = trial === undefined ? '' : ', trial';
  return `${imports.join('\n')}\nstart(${JSON.stringify(toolkit)}, {\n  ${loaders.join(',\n  ')}\n}${rest});\n`;
}

/** Runs the declaration of a server, which is plain data and imports only `defineServer`. */
async function declarationOf(root, folder) {
  const { outputFiles } = await build({
    ...settings(root),
    entryPoints: [`${folder}/server.ts`],
    outdir: 'build',
    plugins: [{ name: 'declaration', setup: provideDefineServer }],
  });
  const module = { exports: {} };
  new Function('module', 'exports', outputFiles[0].text)(module, module.exports);
  const { default: declaration = {} } = module.exports;
  const missing = ['version', 'description'].filter((field) => typeof declaration[field] !== 'string');
  if (missing.length > 0)
    throw failure(`SERVER-FIELD Cannot build ${folder}/server.ts: ${missing.join(' and ')} is missing`);
  return declaration;
}

function provideDefineServer({ onResolve, onLoad }) {
  onResolve({ filter: /^#server$/ }, () => ({ path: 'server', namespace: 'declaration' }));
  onLoad({ filter: /.*/, namespace: 'declaration' }, () => ({
    contents: 'export const defineServer = (entry) => entry',
  }));
}

/** The modules of a server, from its folder, and the files beside its resources. */
function sourcesIn(root, folder) {
  const tools = toolsIn(join(root, folder)).map((name) => `tools/${name}`);
  if (tools.length === 0) throw failure(`TOOL-FILE Cannot build ${folder}: its tools/ has no tools`);
  try {
    const { definitions, files } = resourcesIn(join(root, folder));
    const inText = files.map(({ name, bytes }) => ({ name, base64: bytes.toString('base64') }));
    return { modules: [...tools, ...definitions.map((name) => `resources/${name}`)], files: inText };
  } catch (error) {
    throw failure(...error.message.split('\n').map((line) => `TOOL-FILE Cannot build ${folder}: ${line}`));
  }
}

/** A server may import `#tool`, its own files, Node's modules and packages in the lockfile. */
function ownImports(root, folder) {
  const own = join(root, folder);
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const isInside = (path) => !relative(own, path).startsWith('..') && !isAbsolute(relative(own, path));
  return {
    name: 'own-imports',
    setup({ onResolve }) {
      onResolve({ filter: /.*/ }, ({ path, importer, resolveDir, kind }) => {
        if (kind === 'entry-point' || !isInside(importer)) return undefined;
        const reason = refusalOf(path, resolveDir);
        if (reason === undefined) return isPath(path) ? undefined : { path, external: true };
        const where = relative(root, importer);
        return { errors: [{ text: `TOOL-IMPORT Cannot build ${where}: it imports "${path}", ${reason}` }] };
      });
    },
  };

  function refusalOf(path, resolveDir) {
    if (path === '#tool' || isBuiltin(path)) return undefined;
    if (isPath(path)) {
      return isInside(resolve(resolveDir, path))
        ? undefined
        : `which is outside ${folder}; keep shared code in its lib/`;
    }
    if (path.startsWith('#')) return 'which is not for tools; import "#tool" instead';
    const name = path.split('/', path.startsWith('@') ? 2 : 1).join('/');
    if (Object.hasOwn(packages, `node_modules/${name}`)) return undefined;
    return `which is not in package-lock.json; npm install --save-exact ${name}`;
  }
}

function isPath(specifier) {
  return specifier.startsWith('.') || isAbsolute(specifier);
}

/** An error in the form of esbuild's errors. */
function failure(...texts) {
  return Object.assign(new Error(texts.join('\n')), { errors: texts.map((text) => ({ text })) });
}

if (process.argv[1] !== undefined && basename(process.argv[1]) === 'build.mjs') {
  const root = dirname(dirname(resolve(process.argv[1])));
  const [server, outfile = `build/${server}.cjs`] = process.argv.slice(2);
  if (server === undefined) {
    console.error('Cannot build: name a server\n\nnode worker/build.mjs <server> [outfile]');
    process.exit(1);
  }
  const folder = server.includes('/') ? relative(root, resolve(server)) : `servers/${server}`;
  bundle(root, folder, resolve(outfile)).catch((error) => {
    // esbuild has already printed its own errors.
    if (!('warnings' in error)) console.error(error.message);
    process.exitCode = 1;
  });
}
