import { Problem } from '../../model/problem';
import type { Change } from './dist';

/** One file of `dist/`, by its path there, and what is wrong with it. */
export interface StaleFile {
  readonly path: string;
  readonly reason: string;
}

/** The files that a whole run would write or remove. */
export function staleFiles(changes: readonly Change[]): readonly StaleFile[] {
  return changes.flatMap(({ path, state }) => (state === 'unchanged' ? [] : [{ path, reason: reasons[state] }]));
}

/** One problem for all of them, since one command ends them all; none when there is no such file. */
export function staleDist(files: readonly StaleFile[]): readonly Problem[] {
  const [first] = files;
  if (first === undefined) return [];
  const listed = files.slice(0, shown).map(({ path, reason }) => `dist/${path} ${reason}`);
  const more = files.length > shown ? [`… and ${files.length - shown} more`] : [];
  const count = `${files.length} file${files.length === 1 ? '' : 's'}`;
  const message = [`dist/ is not what the sources say, in ${count}:`, ...listed, ...more].join('\n         ');
  const fix = 'npm run synth, look at what changed, and commit dist/ with its cause';
  return [new Problem('DIST-STALE', message, { file: files.length === 1 ? `dist/${first.path}` : 'dist', fix })];
}

const shown = 5;
const reasons = { new: 'is missing', changed: 'differs', removed: 'is made from nothing' };
