import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describeProblems } from '../../cli/command';
import type { Platform } from '../../model/platform';
import { Problem } from '../../model/problem';
import { firstSealCommand } from '../../model/sealed';
import type { Change } from '../synth/dist';

/** The result of rendering after a change of the sources. */
export interface Rendered {
  /** The number of files of `dist/` that changed. @default - it was not rendered */
  readonly rendered?: number | undefined;
  /** Why it could not be rendered. @default - it was, or cannot be yet */
  readonly failure?: { readonly text: string; readonly problems: readonly Problem[] } | undefined;
}

/** Runs synth in a new process, because this one was bundled before the files existed. */
export function render(root: string): Rendered {
  const command = [join(root, 'cli/run.mjs'), 'gitops/synth/synth.command.ts', '--json'];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: Number.POSITIVE_INFINITY,
  });
  const { files = [], problems = [] } = answerIn(stdout);
  if (status === 0) return { rendered: files.filter(({ state }) => state !== 'unchanged').length };
  const found = problems.map(({ code, message, ...details }) => new Problem(code, message, details));
  const text = found.length === 0 ? stderr.trimEnd() : describeProblems(found);
  return { failure: { text, problems: found } };
}

/**
 * The commands that seal what a new platform lacks.
 * @returns nothing when it was rendered, or cannot be for another reason too
 */
export function secretsToSeal({ failure }: Rendered, { flag }: Pick<Platform, 'flag'>): readonly string[] {
  const errors = failure?.problems.filter(({ level }) => level === 'error') ?? [];
  const commands = errors.map(({ code, file = '', path }) => {
    const [, name, platform] = /^servers\/([^/]+)\/sealed\/([^/]+)\.json$/.exec(file) ?? [];
    if (code !== 'SEAL-MISSING' || name === undefined || platform === undefined || path === undefined) return undefined;
    // Only a repository with one platform needs no flag.
    return firstSealCommand({ name, platform: { name: platform, flag: flag && ` --platform ${platform}` } }, path);
  });
  return commands.includes(undefined) ? [] : commands.flatMap((command) => command ?? []);
}

/** What synth answers with `--json`; nothing when it could not answer. */
function answerIn(stdout: string): { readonly files?: readonly Change[]; readonly problems?: readonly Problem[] } {
  try {
    return JSON.parse(stdout);
  } catch {
    return {};
  }
}
