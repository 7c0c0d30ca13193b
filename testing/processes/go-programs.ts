import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../model/problem';

/** The real programs, built from the versions that go.mod pins and go.sum holds the sums of. */
export interface GoPrograms {
  readonly kubeseal: string;
  readonly controller: string;
}

/**
 * Builds kubeseal and the controller once per state of the pinned sources; later runs take them from the cache.
 * @param root the repository's folder; the cache is below it, in a folder that git ignores
 * @throws Problem TOOL-MISSING when Go is absent or cannot build them
 */
export function goPrograms(root: string, say: (line: string) => void): GoPrograms {
  const sources = join(root, 'interop/sealing');
  const cache = join(root, '.cache', `sealing-${fingerprint(sources)}`);
  const programs = { kubeseal: join(cache, 'kubeseal'), controller: join(cache, 'controller') };
  mkdirSync(cache, { recursive: true });
  build(sources, 'github.com/bitnami-labs/sealed-secrets/cmd/kubeseal', programs.kubeseal, say);
  build(sources, './controller', programs.controller, say);
  return programs;
}

function build(cwd: string, pack: string, program: string, say: (line: string) => void): void {
  if (existsSync(program)) return;
  say(`Building ${pack} with Go; a minute or two, once …`);
  const partial = `${program}.part`;
  const { status, error, stderr } = spawnSync('go', ['build', '-mod=readonly', '-o', partial, pack], {
    cwd,
    encoding: 'utf8',
  });
  if (error !== undefined) {
    throw missing('Go cannot be run', 'install Go 1.26 or later from go.dev, then run this again', error);
  }
  if (status !== 0)
    throw missing(
      `Go cannot build ${pack}:\n${stderr.trim()}`,
      'look at the lines above; the Go module proxy must be reachable',
    );
  renameSync(partial, program);
}

function fingerprint(sources: string): string {
  const hash = createHash('sha256');
  for (const file of ['go.mod', 'go.sum', 'controller/main.go']) hash.update(readFileSync(join(sources, file)));
  return hash.digest('hex').slice(0, 12);
}

function missing(reason: string, fix: string, cause?: unknown): Problem {
  return new Problem('TOOL-MISSING', `Cannot prove sealing against the real kubeseal: ${reason}`, { fix, cause });
}
