import type { Platform } from '../../model/platform';
import { type Problem, stopOnErrors } from '../../model/problem';
import { sealedFor } from '../../model/sealed';
import { pick, readSealedOf, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { pinnedCertificates } from '../seal/pinned';
import { publishedTools, withCallLimits } from '../tools/published';
import { toolsFiles } from '../tools/tools-file';
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
 * @throws Problems, as many as one run can find
 */
export function synthesize(
  root: string,
  platform: Platform,
  names: readonly string[] = [],
  progress?: (rendered: number, of: number) => void,
): Synthesis {
  const { servers: read, problems: ofDeclarations } = readServers(root, platform);
  const isMeant = ({ name }: Server) => names.length === 0 || names.includes(name);
  const tools = publishedTools(root, read.filter(isMeant));
  const declared = withCallLimits(read, tools);
  const readings = declared.map((server) => ({ server, ...readSealedOf(server, root) }));
  const pinned = pinnedCertificates(root, platform);
  const problems = [
    ...platformFacts(platform),
    ...ofDeclarations,
    ...tools.problems,
    ...pinned.problems,
    ...readings.flatMap((reading) => reading.problems),
    ...readings.flatMap(({ server, sealed }) => checkSealed(server, sealed, pinned.certificates)),
  ];
  stopOnErrors(problems);
  const servers = pick(declared, names);
  const all = readings.map(({ server, sealed }) => ({ server, sealed: sealedFor(server, sealed) }));
  const chosen = names.length === 0 ? all : all.filter(({ server }) => servers.includes(server));
  const rendered = outputFiles(chosen, platform, (count) => progress?.(count, servers.length), all);
  const files = [...rendered, ...toolsFiles(tools.byServer)];
  stopOnErrors([...problems, ...outputProblems(files, servers)]);
  return { files, servers, problems };
}
