// Bundles the worker into one file: `node worker/build.mjs [outfile]`. Default: build/worker.cjs.
// The image consists of this file and Node; `npm start` and `npm run dev` run the same bundle.
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The settings of the bundle. Inside one file there is no folder to read, so the tools' names are written into it. */
export function bundleOptions(outfile) {
  const files = readdirSync(join(root, 'worker', 'tools'));
  const names = files.filter((file) => /(?<!\.test)\.ts$/.test(file)).map((file) => file.slice(0, -'.ts'.length));
  return {
    absWorkingDir: root,
    entryPoints: ['worker/main.ts'],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    sourcesContent: false,
    logLevel: 'warning',
    define: { WORKER_TOOLS: JSON.stringify(names.sort()) },
    plugins: [{ name: 'without-tests', setup: leaveOutTests }],
  };
}

/** Tools are required by a pattern, which also matches their tests. */
function leaveOutTests({ onLoad }) {
  onLoad({ filter: /\.test\.ts$/ }, () => ({ contents: '' }));
}

export async function bundle(outfile = join(root, 'build', 'worker.cjs')) {
  await build(bundleOptions(outfile));
  return outfile;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [outfile] = process.argv.slice(2);
  await bundle(outfile === undefined ? undefined : resolve(outfile)).catch(() => {
    // esbuild has already said which line of which file it cannot read.
    process.exitCode = 1;
  });
}
