import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { recordedServer } from '../testing/exchanges/recorded';
import { endingOf, outputTail } from '../testing/processes/program';
import { recordedRepository } from '../testing/repository-copy';
import type { Bench } from './measure/bench';
import { type Cost, figureNamed, measure, wholeProcess } from './measure/measure';

const names = {
  node: 'an empty Node process',
  build: 'build of one server',
  first: 'first build after an installation',
};

/** The bundle size in bytes of the last worker with a built-in toolkit, which had the same three tools (esbuild 0.28.2). */
const previousBytes = 3_782_700;

/** Bundles one server, as the Dockerfile and `npm run dev` do. */
export const build: Bench = {
  usage: 'bundling one server: its processor time, and the size of the bundle',
  async run({ rounds = 5 }) {
    const repository = recordedRepository();
    const outfile = join(mkdtempSync(join(tmpdir(), 'bench-build-')), 'worker.cjs');
    const once = () => buildOnce(repository, outfile);
    const first = () => {
      rmSync(join(repository, 'build'), { recursive: true, force: true });
      return once();
    };
    try {
      const contenders = [
        wholeProcess(names.node, [process.execPath, '-e', '0']),
        { name: names.first, run: first },
        { name: names.build, run: once },
      ];
      await first();
      const figures = await measure(contenders, rounds);
      const bytes = statSync(outfile).size;
      const seconds = figureNamed(figures, names.build).cpuMs / 1000;
      return {
        groups: [figures],
        goals: [
          { name: 'build of one server, CPU s', value: seconds, limit: { atMost: 0.5 } },
          {
            name: 'bundle size, relative to the previous worker with these tools',
            value: bytes / previousBytes,
            limit: { atMost: 1 },
          },
        ],
        notes: [`the bundle has ${bytes} bytes`],
      };
    } finally {
      rmSync(repository, { recursive: true });
      rmSync(outfile, { force: true });
    }
  },
};

/**
 * Prints the CPU time of the process and its children on exit. esbuild's own process ends a moment later, so its time would
 * otherwise be lost (Linux).
 */
const printCpu = `
import { readFileSync } from 'node:fs';
process.on('exit', () => {
  const children = readFileSync('/proc/self/task/' + process.pid + '/children', 'utf8').split(' ').filter(Boolean);
  const ticks = children.map((pid) => readFileSync('/proc/' + pid + '/stat', 'utf8').replace(/^.*\\) /s, '').split(' '));
  const { user, system } = process.cpuUsage();
  console.error('cpu', ticks.reduce((sum, fields) => sum + 10 * (Number(fields[11]) + Number(fields[12])), (user + system) / 1000));
});`;

async function buildOnce(repository: string, outfile: string): Promise<Cost> {
  const preload = `data:text/javascript,${encodeURIComponent(printCpu)}`;
  const args = ['--import', preload, 'worker/build.mjs', basename(recordedServer), outfile];
  const startedAt = performance.now();
  const ending = await endingOf(process.execPath, args, { cwd: repository });
  const wallMs = performance.now() - startedAt;
  const [, cpuMs] = /^cpu ([\d.]+)$/m.exec(ending.stderr) ?? [];
  if (ending.code !== 0 || cpuMs === undefined)
    throw new Error(`the build ended with ${ending.code}\n${outputTail(ending)}`);
  return { wallMs, cpuMs: Number(cpuMs) };
}
