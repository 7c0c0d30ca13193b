import { join } from 'node:path';
import type { Platform } from '../../servers/platform';
import { Problem, Problems } from '../../servers/problem';
import { platformFacts } from '../checks/platform-facts';
import { checkSealed } from '../sealing/check-sealed';
import { pinnedCertificates } from '../sealing/pinned';
import { changes, readTree, wholeTree } from '../synth/dist';
import { synthesize } from '../synth/synthesize';
import type { Objection } from './deliverable';

/**
 * Renders the sources, and refuses when `dist/` differs from them.
 * @returns what may be rendered and may not be delivered: unconfirmed facts, values sealed for no cluster
 * @throws Problems of the sources, or DIST-STALE for each file that differs
 */
export function freshObjections(root: string, platform: Platform): readonly Objection[] {
  const { files, servers } = synthesize(root, platform);
  const existing = readTree(join(root, 'dist'));
  const stale = changes(existing, wholeTree(files, existing)).filter(({ state }) => state !== 'unchanged');
  if (stale.length > 0) throw new Problems(stale.map(({ path }) => staleFile(path)));
  const { certificates } = pinnedCertificates(root, platform);
  return [
    ...platformFacts(platform, { isDelivery: true }).map((problem) => ({ problem })),
    ...servers.flatMap(({ server, sealed }) =>
      checkSealed(server, sealed, certificates, { isDelivery: true }).map((problem) => ({
        server: server.name,
        problem,
      })),
    ),
  ];
}

function staleFile(path: string): Problem {
  return new Problem('DIST-STALE', `Cannot deliver dist/${path}: it is not what the sources say`, {
    file: `dist/${path}`,
    fix: 'npm run synth, look at what changed, and commit dist/',
  });
}
