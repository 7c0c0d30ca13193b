import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../../cli/root';
import { Problem } from '../../model/problem';
import { run } from '../../testing/processes/program';

/** What is about to be built. */
export interface Build {
  readonly name: string;
  /** Which one it is, from 1, of how many. */
  readonly place: number;
  readonly of: number;
  /** The file that it becomes. */
  readonly file: string;
}

/** What to do about a step that reads Go's modules. */
export const goModules = { fix: 'see the lines above; the Go module proxy must be reachable' };

/**
 * Runs `go build`, out of everybody's way, and tells on standard error how far it is and how long it took last time.
 * @throws Problem TOOL-MISSING without Go or room on the disk, or when Go cannot build it
 */
export async function compile({ name, place, of, file }: Build, args: readonly string[], cwd: string): Promise<void> {
  const version = (await run('go', ['version'])).trim().replace(/^go version /, '');
  requireSpace(dirname(file), ((of - place + 1) / of) * neededGib);
  const times = readTimes();
  const last = times[name] === undefined ? 'never built here before' : `last time it took ${duration(times[name])}`;
  tell(`Building ${name}, ${place} of ${of}, with ${version}; ${last}`);
  const started = performance.now();
  const go = spawn('nice', ['-n', '19', 'go', ...args.toSpliced(1, 0, '-v')], {
    cwd,
    env: { ...process.env, CGO_ENABLED: '0' },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  stepBack(go);
  const words = progressOf(go.stderr, () => performance.now() - started);
  const stop = () => go.kill('SIGINT');
  process.once('exit', stop);
  const [code] = await once(go, 'close');
  process.off('exit', stop);
  if (code !== 0) throw new Problem('TOOL-MISSING', `Cannot build ${name} with Go\n${words()}`, { fix: goModules.fix });
  const seconds = Math.round((performance.now() - started) / 1000);
  writeFileSync(timesFile, JSON.stringify({ ...readTimes(), [name]: seconds }, null, 2));
  tell(`Built ${name} in ${duration(seconds)}: ${Math.round(statSync(file).size / 1e6)} MB`);
}

/**
 * Linux weighs sessions before it weighs processes in one (sched(7), autogroup), so the priority of a build says nothing to
 * other sessions: it has one of its own, which steps back as a whole.
 */
function stepBack({ pid }: ChildProcess): void {
  try {
    writeFileSync(`/proc/${pid}/autogroup`, '19');
  } catch {
    // Where there are no such groups, the priority is enough; a process that did not start is told elsewhere.
  }
}

/** Says every half a minute which package Go is at. @returns the last words of Go */
function progressOf(output: NodeJS.ReadableStream, elapsedMs: () => number): () => string {
  const last: string[] = [];
  let packages = 0;
  let told = 0;
  createInterface({ input: output }).on('line', (line) => {
    last.splice(0, last.length - 19, line);
    packages += 1;
    if (elapsedMs() < told + 30_000) return;
    told = elapsedMs();
    tell(`  … ${packages} packages after ${duration(told / 1000)}, now ${line}`);
  });
  return () => last.join('\n');
}

/** All programs, with what Go keeps of modules and packages; those that are built need no more. */
const neededGib = 12;

/** @throws Problem TOOL-MISSING when the disk of a folder has less than so many GiB left for this user */
export function requireSpace(folder: string, gib: number): void {
  const { bavail, bsize } = statfsSync(folder);
  const freeGib = (bavail * bsize) / 2 ** 30;
  if (freeGib >= gib) return;
  const found = `Cannot build the programs of a cluster: ${freeGib.toFixed(1)} GiB are free, and ${gib} are needed`;
  const fix = 'free some; once they are built, `go clean -cache -modcache` gives most of it back';
  throw new Problem('TOOL-MISSING', found, { fix });
}

const timesFile = join(root, '.cache/build-seconds.json');

/** How many seconds the last build of each program took. */
function readTimes(): Readonly<Record<string, number>> {
  return existsSync(timesFile) ? JSON.parse(readFileSync(timesFile, 'utf8')) : {};
}

function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
