import type { Platform } from '../../model/platform';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { pinnedCertificates } from '../seal/pinned';
import type { Synthesis } from '../synth/synthesize';
import type { Objection } from './receipt';

/** What may be rendered and may not be delivered: facts that are not confirmed, values sealed for no cluster. */
export function objections(root: string, platform: Platform, { servers }: Synthesis): readonly Objection[] {
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
