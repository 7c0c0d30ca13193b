import type { Platform } from '../../model/platform';
import { type Problem, stopOnErrors } from '../../model/problem';
import { sealedFor } from '../../model/sealed';
import { pick, readSealedOf, readServers } from '../../model/servers';
import { outputProblems } from '../rules/index';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { pinnedCertificates } from '../seal/pinned';
import { type OutputFile, outputFiles, type SealedServer } from './tree';

/** What the sources say: the files, what they were made from, and what is worth knowing although it stops nothing. */
export interface Synthesis {
  readonly files: readonly OutputFile[];
  readonly servers: readonly SealedServer[];
  readonly warnings: readonly Problem[];
}

/**
 * Sources → files, checked. Reads the declarations, the sealed values and the certificates; writes nothing.
 * @param names the servers to render; all of them when empty
 * @throws Problems, as many as one run can find
 */
export function synthesize(
  root: string,
  platform: Platform,
  names: readonly string[] = [],
  progress?: (rendered: number, of: number) => void,
): Synthesis {
  const declared = readServers(root, platform);
  const readings = declared.servers.map((server) => ({ server, ...readSealedOf(server, root) }));
  const { certificates, problems } = pinnedCertificates(root, platform);
  const found = [
    ...platformFacts(platform),
    ...declared.problems,
    ...problems,
    ...readings.flatMap((reading) => reading.problems),
    ...readings.flatMap(({ server, sealed }) => checkSealed(server, sealed, certificates)),
  ];
  stopOnErrors(found);
  const chosen = pick(declared.servers, names);
  const all = readings.map(({ server, sealed }) => ({
    server,
    sealed: sealedFor(server, sealed),
  }));
  const servers = all.filter(({ server }) => chosen.includes(server));
  const tell = progress && ((rendered: number) => progress(rendered, servers.length));
  const files = outputFiles(servers, platform, tell, all);
  stopOnErrors([...found, ...outputProblems(files, chosen, platform)]);
  return { files, servers, warnings: found };
}
