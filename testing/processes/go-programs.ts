import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../cli/root';
import { cacheFolder } from './cache-folder';
import { install } from './program';

/** The real programs, built from the versions that go.mod pins and go.sum holds the sums of. */
export interface GoPrograms {
  readonly kubeseal: string;
  readonly controller: string;
}

/**
 * Builds kubeseal and the controller once per state of the pinned sources, which takes a minute or two.
 * @throws Problem TOOL-MISSING when Go is absent or cannot build them
 */
export async function goPrograms(): Promise<GoPrograms> {
  const sources = join(root, 'testing/processes/go');
  const recipe = ['go.mod', 'go.sum', 'controller/main.go'].map((file) => readFileSync(join(sources, file), 'utf8'));
  const folder = await cacheFolder('kubeseal-and-controller', recipe.join(), async (empty) => {
    for (const [name, source] of [
      ['kubeseal', 'github.com/bitnami-labs/sealed-secrets/cmd/kubeseal'],
      ['controller', './controller'],
    ] as const) {
      const fix = 'see the lines above; the Go module proxy must be reachable';
      const args = ['build', '-mod=readonly', '-o', join(empty, name), source];
      await install({ what: `${name} with Go`, fix }, 'go', args, { cwd: sources });
    }
  });
  return { kubeseal: join(folder, 'kubeseal'), controller: join(folder, 'controller') };
}
