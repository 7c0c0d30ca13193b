import { realpathSync } from 'node:fs';
import { Problem } from '../../model/problem';
import type { Checkout } from './checkout';
import { git } from './git';
import type { Target } from './target';

/**
 * Refuses a checkout that is not the one it was named as: this repository itself, or one whose remote `origin` has another
 * name. A checkout without that remote may be any; one folder may be both targets as far as its name fits both.
 * @param own the root of this repository
 * @throws Problem TARGET-PATH
 */
export function requireRightRepository(own: string, { root }: Checkout, { option, folder, repository }: Target): void {
  const refuse = (reason: string, fix: string) =>
    new Problem('TARGET-PATH', `Cannot deliver to ${option} ${folder}: ${reason}`, { file: folder, fix });
  if (root === realpathSync(own)) {
    throw refuse('that is this repository itself', `name a checkout of ${repository}`);
  }
  const name = nameOf(git(root, ['config', '--get', 'remote.origin.url'], { answers: [0, 1] }).trim());
  if (name === undefined || name.toLowerCase() === repository.toLowerCase()) return;
  const fix = `name a checkout of ${repository}; if "${name}" is its name now, write that in the file of the platform`;
  throw refuse(`its origin is "${name}", not "${repository}"`, fix);
}

/** The last part of an address or a path, as `git clone` names the folder. Nothing else of it is ever shown. */
function nameOf(url: string): string | undefined {
  const parts = url
    .replace(/[\\/]+$/, '')
    .replace(/[\\/]?\.git$/, '')
    .split(/[\\/:]/);
  return parts.at(-1) || undefined;
}
