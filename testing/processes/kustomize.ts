import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { Problem } from '../../model/problem';
import { cacheFolder, failureOf } from './cache-folder';

/** The version in kustomize-controller 1.7. */
const source = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1';

/**
 * A PATH on which there is a kustomize: that of this process when kubectl or kustomize is installed, else one with a
 * kustomize that Go builds once, in a minute or two.
 * @throws Problem TOOL-MISSING when there is neither of them nor Go
 */
export function pathWithKustomize(): string {
  const path = process.env.PATH ?? '';
  if (['kubectl', 'kustomize'].some((program) => spawnSync(program, ['--help']).status === 0)) return path;
  const folder = cacheFolder('kustomize', source, (bin) => {
    const failure = failureOf('go', ['install', source], { env: { ...process.env, GOBIN: bin } });
    if (failure === undefined) return;
    throw new Problem('TOOL-MISSING', `Cannot test against the real kustomize: Go cannot build it\n${failure}`, {
      fix: 'install kubectl, kustomize, or Go 1.26 or later from go.dev, then run this again',
    });
  });
  return [join(folder), path].join(delimiter);
}
