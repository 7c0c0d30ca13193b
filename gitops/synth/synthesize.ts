import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Platform } from '../../model/platform';
import { Problem, stopOnErrors } from '../../model/problem';
import { sealedFor, sealedPath } from '../../model/sealed';
import { distinct, type EditDeclaration, pick, readSealedOf, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { otherCertificates, pinnedCertificates } from '../seal/pinned';
import { isWithin, type Limit } from './dist';
import { outputFiles } from './output-files';

/** What the sources say: the files, the servers that they were made from, and the problems that stop a delivery or nothing. */
export interface Synthesis {
  readonly files: readonly OutputFile[];
  readonly servers: readonly Server[];
  readonly problems: readonly Problem[];
}

/**
 * Sources → files, checked. Reads the declarations, the sealed values and the certificates; writes nothing.
 * @param limit what to render; everything is read and looked at
 * @param edit what is about to be written into a declaration. @default - nothing
 * @throws Problems, as many as one run can find
 */
export function synthesize(
  root: string,
  platforms: readonly Platform[],
  limit: Limit = {},
  progress?: (rendered: number, of: number) => void,
  edit?: EditDeclaration,
): Synthesis {
  const declared = readServers(root, platforms, {}, edit);
  const readings = declared.servers.map((server) => ({ server, ...readSealedOf(server, root) }));
  const pinned = platforms.map((platform) => ({ platform, ...pinnedCertificates(root, platform) }));
  const known = new Map(
    pinned.map(({ platform, certificates }) => [
      platform,
      [certificates, otherCertificates(pinned, platform)] as const,
    ]),
  );
  const problems = [
    ...platforms.flatMap(platformFacts),
    ...declared.problems,
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
  const files = outputFiles(chosen, platforms, (rendered) => progress?.(rendered, servers.length), all);
  stopOnErrors([...problems, ...outputProblems(files, servers)]);
  return { files, servers, problems };
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
