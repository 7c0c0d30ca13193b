import { delimiter } from 'node:path';
import { cacheFolder } from './cache-folder';
import { endingOf, install } from './program';

/** The version that kustomize-controller 1.7 uses. */
const source = 'sigs.k8s.io/kustomize/kustomize/v5@v5.7.1';

/**
 * A PATH with kubectl or kustomize: that of this process if one is installed, otherwise one with a kustomize that Go builds
 * once, in a minute or two.
 * @throws Problem TOOL-MISSING if neither is installed and Go is missing too
 */
export async function pathWithKustomize(): Promise<string> {
  const path = process.env.PATH ?? '';
  for (const program of ['kubectl', 'kustomize']) {
    const isInstalled = await endingOf(program, ['--help']).then(
      ({ code }) => code === 0,
      () => false,
    );
    if (isInstalled) return path;
  }
  const folder = await cacheFolder('kustomize', source, (bin) => {
    const fix = 'install kubectl, kustomize, or Go 1.26 or later; the Go module proxy must be reachable';
    return install({ what: 'kustomize with Go', fix }, 'go', ['install', source], {
      env: { ...process.env, GOBIN: bin },
    });
  });
  return [folder, path].join(delimiter);
}
