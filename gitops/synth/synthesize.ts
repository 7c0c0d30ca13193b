import type { Platform } from '../../model/platform';
import { type Problem, stopOnErrors } from '../../model/problem';
import { sealedFor } from '../../model/sealed';
import { type EditDeclaration, pick, readSealedOf, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { pinnedCertificates } from '../seal/pinned';
import { outputFiles } from './output-files';

/** What the sources say: the files, the servers that they were made from, and the problems that stop a delivery or nothing. */
export interface Synthesis {
  readonly files: readonly OutputFile[];
  readonly servers: readonly Server[];
  readonly problems: readonly Problem[];
}

/**
 * Sources → files, checked. Reads the declarations, the sealed values and the certificates; writes nothing.
 * @param names the servers to render; all of them when empty
 * @param edit what is about to be written into a declaration. @default - nothing
 * @throws Problems, as many as one run can find
 */
export function synthesize(
  root: string,
  platform: Platform,
  names: readonly string[] = [],
  progress?: (rendered: number, of: number) => void,
  edit?: EditDeclaration,
): Synthesis {
  const declared = readServers(root, platform, {}, edit);
  const readings = declared.servers.map((server) => ({ server, ...readSealedOf(server, root) }));
  const pinned = pinnedCertificates(root, platform);
  const problems = [
    ...platformFacts(platform),
    ...declared.problems,
    ...pinned.problems,
    ...readings.flatMap((reading) => reading.problems),
    ...readings.flatMap(({ server, sealed }) => checkSealed(server, sealed, pinned.certificates)),
  ];
  stopOnErrors(problems);
  const servers = pick(declared.servers, names);
  const all = readings.map(({ server, sealed }) => ({ server, sealed: sealedFor(server, sealed) }));
  const chosen = names.length === 0 ? all : all.filter(({ server }) => servers.includes(server));
  const files = outputFiles(chosen, platform, (rendered) => progress?.(rendered, servers.length), all);
  stopOnErrors([...problems, ...outputProblems(files, servers)]);
  return { files, servers, problems };
}
