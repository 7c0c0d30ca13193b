// Runs one TypeScript entry of this repository: `node cli/run.mjs gitops/synth.command.ts …`.
// Node 20 cannot read TypeScript; bundling our own sources with esbuild costs about 10 ms, a loader such as tsx 600 ms
// (measured 2026-11 on Node 20.20). The working directory stays the caller's; the sources are found from this file.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [entry, ...rest] = process.argv.slice(2);
const outfile = join(root, 'build', `${entry.replaceAll('/', '-').replace(/\.ts$/, '')}.cjs`);

try {
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    target: 'node20',
    sourcemap: 'linked',
    logLevel: 'warning',
  });
} catch {
  // esbuild has already said which line of which file it cannot read.
  process.exit(1);
}

process.argv = [process.argv[0], join(root, entry), ...rest];
process.setSourceMapsEnabled(true);
createRequire(import.meta.url)(outfile);
