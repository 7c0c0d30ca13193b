import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder } from './cache-folder';
import { install } from './program';

/** The paths of the real programs, built from the versions pinned in go.mod and go.sum. */
export interface GoPrograms {
  readonly kubeseal: string;
  readonly controller: string;
}

/**
 * Builds kubeseal and the controller of sealed-secrets once per pinned version, which takes a minute or two.
 * @throws Problem TOOL-MISSING if Go is missing or cannot build them
 */
export async function goPrograms(): Promise<GoPrograms> {
  const sources = { folder: 'go', files: ['go.mod', 'go.sum', 'controller/main.go'] };
  const folder = await built('kubeseal-and-controller', sources, {
    kubeseal: 'github.com/bitnami-labs/sealed-secrets/cmd/kubeseal',
    controller: './controller',
  });
  return { kubeseal: join(folder, 'kubeseal'), controller: join(folder, 'controller') };
}

/** Builds actionlint, a linter for GitHub workflows. @throws Problem TOOL-MISSING if Go is missing or cannot build it */
export async function actionlint(): Promise<string> {
  const sources = { folder: 'actionlint', files: ['go.mod', 'go.sum'] };
  const folder = await built('actionlint', sources, { actionlint: 'github.com/rhysd/actionlint/cmd/actionlint' });
  return join(folder, 'actionlint');
}

/** @param packages the Go package of each program, by the program's name */
function built(
  name: string,
  { folder, files }: { readonly folder: string; readonly files: readonly string[] },
  packages: Readonly<Record<string, string>>,
): Promise<string> {
  const sources = join(root, 'testing/processes', folder);
  const recipe = files.map((file) => readFileSync(join(sources, file), 'utf8'));
  return cacheFolder(name, recipe.join(), async (empty) => {
    for (const [program, source] of Object.entries(packages)) {
      const fix = 'see the lines above; the Go module proxy must be reachable';
      const args = ['build', '-mod=readonly', '-o', join(empty, program), source];
      await install({ what: `${program} with Go`, fix }, 'go', args, { cwd: sources });
    }
  });
}
