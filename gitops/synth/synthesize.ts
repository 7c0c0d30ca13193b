import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { sealedFor, sealedPath } from '../../model/sealed';
import { distinct, pick, readSealedOf, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { otherCertificates, pinnedCertificates } from '../seal/pinned';
import { type Published, publishedTools } from '../tools/published';
import { toolsFiles } from '../tools/tools-file';
import { isWithin, type Limit } from './dist';
import { outputFiles } from './output-files';

/** What the sources say: the files, the servers that they were made from, and the problems that stop a delivery or nothing. */
export interface Synthesis {
  readonly files: readonly OutputFile[];
  readonly servers: readonly Server[];
  /** What those servers publish of their tools. */
  readonly tools: ReadonlyMap<string, Published>;
  readonly problems: readonly Problem[];
}

/**
 * Sources → files, checked. Reads the declarations, the sealed values and the certificates; writes nothing.
 * @param limit what to render; everything is read and looked at
 * @throws Problems, as many as one run can find
 */
export function synthesize(
  root: string,
  platforms: readonly Platform[],
  limit: Limit = {},
  progress?: (rendered: number, of: number) => void,
): Synthesis {
  const declared = readServers(root, platforms);
  const readings = declared.servers.map((server) => ({ server, ...readSealedOf(server, root) }));
  const pinned = platforms.map((platform) => ({ platform, ...pinnedCertificates(root, platform) }));
  const known = new Map(
    pinned.map(({ platform, certificates }) => [
      platform,
      [certificates, otherCertificates(pinned, platform)] as const,
    ]),
  );
  const isMeant = ({ name }: Server) => isWithin({ server: name }, { ...limit, platform: undefined });
  const tools = publishedTools(root, distinct(declared.servers.filter(isMeant)));
  const problems = [
    ...platforms.flatMap(platformFacts),
    ...declared.problems,
    ...tools.problems,
    ...pinned.flatMap((each) => each.problems),
    ...readings.flatMap((reading) => reading.problems),
    ...readings.flatMap(({ server, sealed }) =>
      checkSealed(server, sealed, ...(known.get(server.platform) ?? ([[], []] as const))),
    ),
    ...sealedInVain(root, declared.servers, platforms),
  ];
  stopOnErrors(problems);
  const isChosen = ({ name, platform }: Server) => isWithin({ server: name, platform: platform.name }, limit);
  const servers = pick(declared.servers, limit.names ?? []).filter(isChosen);
  const all = readings.map(({ server, sealed }) => ({ server, sealed: sealedFor(server, sealed) }));
  const chosen = all.filter(({ server }) => isChosen(server));
  const rendered = outputFiles(chosen, platforms, (count) => progress?.(count, servers.length), all);
  const files = [...rendered, ...toolsFiles(tools.byServer)];
  stopOnErrors([...problems, ...outputProblems(files, servers)]);
  return { files, servers, tools: tools.byServer, problems };
}

/** Sealed files of platforms that their server does not run on. */
function sealedInVain(root: string, servers: readonly Server[], platforms: readonly Platform[]): readonly Problem[] {
  const used = new Set(servers.map(({ sealedFile }) => sealedFile));
  const files = distinct(servers).flatMap((server) =>
    platforms.map((platform) => ({ server, platform, file: sealedPath(server.name, platform) })),
  );
  return files
    .filter(({ file }) => !used.has(file) && existsSync(join(root, file)))
    .map(({ server, platform, file }) => {
      const message = `The sealed values of "${server.name}" are not used: it does not run on "${platform.name}"`;
      const fix = `remove the file, or name "${platform.name}" under platforms in ${server.source}`;
      return new Problem('SEAL-UNUSED', message, { file, fix, level: 'warning' });
    });
}
