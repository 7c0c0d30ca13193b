// Runs one TypeScript entry of this repository: `node cli/run.mjs gitops/synth/synth.command.ts …`.
// Node 20 cannot read TypeScript; bundling our own sources costs about 30 ms, a loader such as tsx 600 ms. The heavy
// libraries are bundled once and kept: they load in a third of the time that their thousand files take (measured
// 2026-11 on Node 20.20). The working directory stays the caller's; the sources are found from this file.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import vm from 'node:vm';
import { buildSync } from 'esbuild';

const heavy = [
  ...['cdk8s', 'cdk8s-plus-28/lib/imports/k8s', 'cdktf', '@cdktf/provider-cloudflare/lib/dns-record'],
  ...['cli-table3', 'constructs', 'fastest-levenshtein', 'js-yaml', 'picocolors', 'zod'],
];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(join(root, 'package.json'));
const [entry, ...rest] = process.argv.slice(2);
const settings = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  write: false,
};

const code = bundle({ entryPoints: [entry], packages: 'external', sourcemap: process.env.DEBUG ? 'inline' : false });
const libraries = require(librariesFile());
const run = vm.compileFunction(code, ['require', 'module', 'exports', '__filename', '__dirname'], {
  filename: join(root, entry),
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
});
process.argv = [process.argv[0], join(root, entry), ...rest];
process.setSourceMapsEnabled(Boolean(process.env.DEBUG));
const entryModule = { exports: {} };
const load = (id) => (Object.hasOwn(libraries, id) ? libraries[id]() : require(id));
run(Object.assign(load, require), entryModule, entryModule.exports, join(root, entry), join(root, 'cli'));

function bundle(options) {
  try {
    return buildSync({ ...settings, ...options }).outputFiles[0].text;
  } catch {
    // esbuild has already said which line of which file it cannot read.
    process.exit(1);
  }
}

/** The heavy libraries as one file, made anew when the lockfile changes. Each is evaluated when it is first asked for. */
function librariesFile() {
  const versions = createHash('sha256')
    .update(heavy.join())
    .update(readFileSync(join(root, 'package-lock.json')));
  const file = join(root, 'build', `libraries-${versions.digest('hex').slice(0, 16)}.cjs`);
  if (!existsSync(file)) {
    const contents = `module.exports = {${heavy.map((id) => `'${id}': () => require('${id}')`)}};`;
    const text = bundle({ stdin: { contents, resolveDir: root }, minifyWhitespace: true, legalComments: 'none' });
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.${process.pid}`, text);
    renameSync(`${file}.${process.pid}`, file);
  }
  return file;
}
