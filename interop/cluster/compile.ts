import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { run } from '../../testing/processes/program';

/** One build. */
export interface Build {
  readonly name: string;
  /** Its position among all builds, from 1. */
  readonly place: number;
  readonly of: number;
  /** The file to write. */
  readonly file: string;
}

/** The fix for a failed download or build. */
export const goModules = { fix: 'see the lines above; the Go module proxy must be reachable' };

/**
 * Runs `go build` with the lowest priority. Prints its progress, and how long the last build took, on standard error.
 * @throws Problem TOOL-MISSING without Go or enough disk space, or when the build fails
 */
export async function compile({ name, place, of, file }: Build, args: readonly string[], cwd: string): Promise<void> {
  const version = (await run('go', ['version'])).trim().replace(/^go version /, '');
  requireSpace(dirname(file), ((of - place + 1) / of) * neededGib);
  const times = readTimes();
  const last = times[name] === undefined ? 'first build here' : `last time it took ${duration(times[name])}`;
  log(`Building ${name}, ${place} of ${of}, with ${version}; ${last}`);
  const started = performance.now();
  const go = spawn('nice', ['-n', '19', 'go', ...args.toSpliced(1, 0, '-v')], {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  lowerSessionPriority(go);
  const tail = progressOf(go.stderr, () => performance.now() - started);
  const stop = () => go.kill('SIGINT');
  process.once('exit', stop);
  const [code] = await once(go, 'close');
  process.off('exit', stop);
  if (code !== 0) throw new Problem('TOOL-MISSING', `Cannot build ${name} with Go\n${tail()}`, { fix: goModules.fix });
  const seconds = Math.round((performance.now() - started) / 1000);
  writeFileSync(timesFile, JSON.stringify({ ...readTimes(), [name]: seconds }, null, 2));
  log(`Built ${name} in ${duration(seconds)}: ${Math.round(statSync(file).size / 1e6)} MB`);
}

/**
 * Linux first shares the CPU between sessions, then between the processes of one (sched(7), autogroup): `nice` alone does not
 * affect other sessions. So the build runs in its own session, whose priority is lowered as a whole.
 */
function lowerSessionPriority({ pid }: ChildProcess): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '19');
  } catch {
    // Without autogroups, `nice` is enough. A process that did not start is reported by the caller.
  }
}

/** Prints every 30 seconds which package Go is building. @returns the last lines of Go's output */
function progressOf(output: NodeJS.ReadableStream, elapsedMs: () => number): () => string {
  const last: string[] = [];
  let packages = 0;
  let printedMs = 0;
  createInterface({ input: output }).on('line', (line) => {
    last.splice(0, last.length - 19, line);
    packages += 1;
    if (elapsedMs() < printedMs + 30_000) return;
    printedMs = elapsedMs();
    log(`  … ${packages} packages after ${duration(printedMs / 1000)}, now ${line}`);
  });
  return () => last.join('\n');
}

/** The disk space of all programs and of Go's caches of modules and packages. Finished programs need nothing more. */
const neededGib = 12;

/** @throws Problem TOOL-MISSING when fewer GiB are available to this user on the disk of the folder */
export function requireSpace(folder: string, gib: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeGib = (bavail * bsize) / 2 ** 30;
  if (freeGib >= gib) return;
  const found = `Cannot build the programs of a cluster: ${freeGib.toFixed(1)} GiB are free; wanted: ${gib}`;
  const fix = 'free some space; after the build, `go clean -cache -modcache` frees most of it';
  throw new Problem('TOOL-MISSING', found, { fix });
}

const timesFile = join(root, '.cache/build-seconds.json');

/** The duration of the last build of each program, in seconds. */
function readTimes(): Readonly<Record<string, number>> {
  return existsSync(timesFile) ? JSON.parse(readFileSync(timesFile, 'utf8')) : {};
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
