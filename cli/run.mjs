// Runs one TypeScript entry of this repository: `node cli/run.mjs gitops/synth/synth.command.ts …`.
// Node 20 cannot read TypeScript; a loader such as tsx costs 600 ms at every start. Bundling our own sources costs about
// 30 ms with the loading of esbuild, so the bundle is kept until a source changes. The heavy libraries are bundled once
// too, and kept with what V8 makes of them: they load in a third of the time that their thousand files take (measured
// 2026-11 on Node 20.20). The working directory stays the caller's; the sources are found from this file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';

const heavy = [
  ...['cdk8s', 'cdk8s-plus-28/lib/imports/k8s', 'cdktf', '@cdktf/provider-cloudflare/lib/dns-record'],
  ...['cli-table3', 'constructs', 'fastest-levenshtein', 'js-yaml', 'picocolors', 'zod'],
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) stop(`Cannot start: Node ${process.versions.node} is older than 20.19`);
if (!existsSync(join(root, 'node_modules', 'esbuild'))) stop('Cannot start: nothing is installed yet; run npm ci');

const require = createRequire(join(root, 'package.json'));
const [entry, ...rest] = process.argv.slice(2);
const settings = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // A repository without a server or a platform is one too.
  logOverride: { 'empty-glob': 'silent' },
  write: false,
};

const isDebugging = Boolean(process.env.DEBUG);
const ours = { entryPoints: [entry], packages: 'external', sourcemap: isDebugging ? 'inline' : false };
const code = kept(entry.replace(/\W/g, '-'), `${stateOfSources()} ${isDebugging}`, () => bundle(ours)).toString();
const libraries = loadLibraries();
const run = vm.compileFunction(code, ['require', 'module', 'exports', '__filename', '__dirname'], {
  filename: join(root, entry),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.argv = [process.argv[0], join(root, entry), ...rest];
process.setSourceMapsEnabled(isDebugging);
const entryModule = { exports: {} };
const load = (id) => (Object.hasOwn(libraries, id) ? libraries[id]() : require(id));
run(Object.assign(load, require), entryModule, entryModule.exports, join(root, entry), join(root, 'cli'));

function bundle(options) {
  // git keeps no empty folder, and esbuild finds no pattern in one that is not there.
  for (const folder of ['servers', 'platforms']) mkdirSync(join(root, folder), { recursive: true });
  try {
    return require('esbuild').buildSync({ ...settings, ...options }).outputFiles[0].text;
  } catch {
    // esbuild has already said which line of which file it cannot read.
    process.exit(1);
  }
}

/** The heavy libraries, made anew when the lockfile changes. Each is evaluated when it is first asked for. */
function loadLibraries() {
  const state = [process.version, heavy, readFileSync(join(root, 'package-lock.json'))].join();
  const text = kept('libraries-bundled', state, () => {
    const contents = `module.exports = {${heavy.map((id) => `'${id}': () => require('${id}')`)}};`;
    return bundle({ stdin: { contents, resolveDir: root }, minifyWhitespace: true, legalComments: 'none' });
  });
  const wrapped = `((module, exports, require) => {${text}\n})`;
  const script = (cachedData) =>
    new vm.Script(wrapped, { filename: join(root, 'build/libraries-bundled'), cachedData });
  const load = (compiled) => {
    const module = { exports: {} };
    compiled.runInThisContext()(module, module.exports, require);
    return module.exports;
  };
  const cachedData = kept('libraries-compiled', state, () => {
    // V8 keeps what it has compiled so far, and it compiles what runs.
    const compiled = script();
    const libraries = load(compiled);
    for (const evaluate of Object.values(libraries)) evaluate();
    return compiled.createCachedData();
  });
  return load(script(cachedData));
}

/** What was made for this state before, or else made now and kept in build/, after the digest of the state. */
function kept(name, state, make) {
  const file = join(root, 'build', name);
  const digest = createHash('sha256').update(state).digest();
  try {
    const bytes = readFileSync(file);
    if (digest.equals(bytes.subarray(0, digest.length))) return bytes.subarray(digest.length);
  } catch {
    // Nothing is kept yet.
  }
  const made = Buffer.from(make());
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, Buffer.concat([digest, made]));
    // In one step: another command may be reading it at this moment.
    renameSync(`${file}.${process.pid}`, file);
  } catch {
    // A folder that cannot be written costs the time that this would have saved, and nothing else.
  }
  return made;
}

function stop(reason) {
  console.error(reason);
  process.exit(1);
}

/** Changes with every source that comes, goes or changes; the system's own time of change cannot be set back. */
function stateOfSources(folder = root) {
  return readdirSync(folder, { withFileTypes: true })
    .map((item) => {
      const path = join(folder, item.name);
      if (item.isDirectory()) return /^(\..*|node_modules|dist|build)$/.test(item.name) ? '' : stateOfSources(path);
      if (!/\.(m?[jt]s|json)$/.test(item.name) || item.name === 'sealed.json') return '';
      const { ctimeMs, size } = statSync(path);
      return `${path} ${ctimeMs} ${size}\n`;
    })
    .join('');
}
