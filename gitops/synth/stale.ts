import { Problem } from '../../model/problem';
import type { OutputFile } from '../rules/output-file';
import { changes, type Tree, wholeTree } from './dist';

/**
 * One problem for every file of `dist/` that a whole run would write or remove, since one command ends them all; none when
 * there is no such file.
 */
export function staleDist(dist: Tree, files: readonly OutputFile[]): readonly Problem[] {
  const stale = changes(dist, wholeTree(files, dist)).filter(({ state }) => state !== 'unchanged');
  const [first] = stale;
  if (first === undefined) return [];
  const listed = stale.slice(0, shown).map(({ path, state }) => `dist/${path} ${reasons[state]}`);
  const more = stale.length > shown ? [`… and ${stale.length - shown} more`] : [];
  const count = `${stale.length} file${stale.length === 1 ? '' : 's'}`;
  const message = [`dist/ is not what the sources say, in ${count}:`, ...listed, ...more].join('\n         ');
  const fix = 'npm run synth, look at what changed, and commit dist/ with its cause';
  return [new Problem('DIST-STALE', message, { file: stale.length === 1 ? `dist/${first.path}` : 'dist', fix })];
}

const shown = 5;
const reasons = {
  new: 'is missing',
  changed: 'differs',
  removed: 'is made from nothing',
  unchanged: 'is as it should be',
};
