import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distinctProblems } from '../../model/distinct-problems';
import type { Platform } from '../../model/platform';
import { Problem, Problems, stopOnErrors } from '../../model/problem';
import { sealedFor, sealedPath } from '../../model/sealed';
import { distinct, type EditDeclaration, pick, pickOn, readSealedOf, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';
import { outputProblems } from '../rules/index';
import type { OutputFile } from '../rules/output-file';
import { platformFacts } from '../rules/platform-facts';
import { checkSealed } from '../seal/check-sealed';
import { expiryWarnings, pinnedByPlatform } from '../seal/pinned';
import { type PublishedTools, publishedTools, withCallLimits } from '../tools/published';
import { toolsFiles } from '../tools/tools-file';
import type { Limit } from './dist';
import { outputFiles } from './output-files';
import { renderProblems } from './render-problems';

/** The result of a run: the files, their servers, and the problems that do not stop the run. */
export interface Synthesis {
  readonly files: readonly OutputFile[];
  readonly servers: readonly Server[];
  /** The published tools of those servers. */
  readonly tools: PublishedTools['byServer'];
  readonly problems: readonly Problem[];
}

/** Inputs other than the sources. */
export interface SynthesisOptions {
  /** Called with the number of servers rendered so far. @default - progress is not reported */
  readonly progress?: ((rendered: number, of: number) => void) | undefined;
  /** A pending edit of a declaration. @default - none */
  readonly edit?: EditDeclaration | undefined;
  /** The time, to warn of expiring certificates; the files do not depend on it. @default - no such warnings */
  readonly now?: Date | undefined;
}

/**
 * Renders the sources to files and checks both. Reads the declarations, sealed values and certificates; writes nothing.
 * @param limit what to render; everything is read and checked
 * @throws Problems, all that one run can find
 */
export function synthesize(
  root: string,
  platforms: readonly Platform[],
  limit: Limit = {},
  { progress, edit, now }: SynthesisOptions = {},
): Synthesis {
  const { servers: read, problems: declarationProblems } = readServers(root, platforms, {}, edit);
  const { names = [], platform: name } = limit;
  const isSelected = (server: Server) => names.length === 0 || names.includes(server.name);
  const tools = publishedTools(root, distinct(read).filter(isSelected));
  const declared = withCallLimits(read, tools.byServer);
  const readings = declared.map((server) => ({ server, ...readSealedOf(server, root) }));
  const pinned = pinnedByPlatform(root, platforms);
  const certificatesOf = new Map(pinned.map((each) => [each.platform, each]));
  const problems = [
    ...platforms.flatMap(platformFacts),
    ...declarationProblems,
    ...tools.problems,
    ...pinned.flatMap((each) => each.problems),
    ...pinned.flatMap(({ pinned: current }) => (current && now ? expiryWarnings(current, now) : [])),
    ...readings.flatMap((reading) => reading.problems),
    ...readings.flatMap(({ server, sealed }) => {
      if (server.platform.secrets.kind !== 'sealed') return [];
      const { known = [], others } = certificatesOf.get(server.platform) ?? {};
      return checkSealed(server, sealed, known, others);
    }),
    ...unusedSealedFiles(root, declared, platforms),
  ];
  const sealedServers = readings.map(({ server, sealed }) => ({ server, sealed: sealedFor(server, sealed) }));
  // Report the problems of rendering now too, not only in the next run.
  if (problems.some(({ level }) => level === 'error')) {
    const found = renderProblems(
      sealedServers.filter(({ server }) => isSelected(server)),
      platforms,
    );
    throw new Problems(distinctProblems([...problems, ...found]));
  }
  const servers = name === undefined ? pick(declared, names) : pickOn({ name }, declared, names);
  const isChosen = new Set(servers);
  const chosen = sealedServers.filter(({ server }) => isChosen.has(server));
  const rendered = outputFiles(chosen, platforms, (count) => progress?.(count, servers.length), sealedServers);
  const files = [...rendered, ...toolsFiles(tools.byServer)];
  stopOnErrors([...problems, ...outputProblems(files, servers)]);
  return { files, servers, tools: tools.byServer, problems };
}

/** Warns of sealed files for platforms where the server does not run, or where secrets are not sealed. */
function unusedSealedFiles(
  root: string,
  servers: readonly Server[],
  platforms: readonly Platform[],
): readonly Problem[] {
  const sealing = servers.filter(({ platform }) => platform.secrets.kind === 'sealed');
  const used = new Set(sealing.map(({ sealedFile }) => sealedFile));
  const files = distinct(servers).flatMap((server) =>
    platforms.map((platform) => ({ server, platform, file: sealedPath(server.name, platform) })),
  );
  return files
    .filter(({ file }) => !used.has(file) && existsSync(join(root, file)))
    .map(({ server, platform: { name, secrets, source }, file }) => {
      const isElsewhere = secrets.kind !== 'sealed';
      const why = isElsewhere ? `the secrets of "${name}" are ${secrets.kind}` : `it does not run on "${name}"`;
      const message = `The sealed values of "${server.name}" are not used: ${why}`;
      const fix = isElsewhere
        ? `remove the file once its values are no longer needed; or change secrets in ${source}`
        : `remove the file, or list "${name}" under platforms in ${server.source}`;
      return new Problem('SEAL-UNUSED', message, { file, fix, level: 'warning' });
    });
}
