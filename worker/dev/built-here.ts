import { join } from 'node:path';
import { readPlatforms } from '../../model/platforms';
import { Problem, Problems } from '../../model/problem';
import { distinct, pick, readServers } from '../../model/servers';
import type { Server } from '../../model/spec';

/** A server with tools in this repository. */
export interface BuiltHere {
  readonly name: string;
  readonly toolkit: NonNullable<Server['toolkit']>;
}

/**
 * The servers that are built here: the named ones, or all.
 * @param root the repository's folder
 * @throws Problem SERVER-UNKNOWN for a name that is not declared or has no `tools/`, Problems for its folder
 */
export function builtHere(root: string, names: readonly string[] = []): readonly BuiltHere[] {
  const { servers, problems } = readServers(root, readPlatforms(root));
  const own = problems.filter(({ file = '' }) => names.some((name) => file.startsWith(`servers/${name}/`)));
  if (own.length > 0) throw new Problems(own);
  const picked = distinct(pick(servers, names));
  const built = picked.flatMap(({ name, toolkit }) => (toolkit === undefined ? [] : [{ name, toolkit }]));
  const foreign = picked.find(({ toolkit }) => toolkit === undefined);
  if (names.length === 0 || foreign === undefined) return built;
  throw new Problem(
    'SERVER-UNKNOWN',
    `Cannot run "${foreign.name}" here: it has no tools/, its image is built elsewhere`,
    {
      file: foreign.source,
      fix: `choose one that has: ${distinct(servers)
        .flatMap(({ name, toolkit }) => (toolkit ? name : []))
        .join(', ')}`,
    },
  );
}

/**
 * The named server, or the only one.
 * @throws Problem USAGE when there are several and no name
 */
export function theServer(root: string, name: string | undefined): BuiltHere {
  const all = builtHere(root, name === undefined ? [] : [name]);
  const [server, other] = all;
  if (server !== undefined && other === undefined) return server;
  if (server === undefined) {
    throw new Problem('USAGE', 'Cannot run a server: none is built here', { fix: 'npm run new -- server <name>' });
  }
  throw new Problem('USAGE', 'Cannot choose a server: there are several', {
    fix: `name one of: ${all.map((each) => each.name).join(', ')}`,
  });
}

/** The bundle of this process, so that two processes never share one. */
export function bundleFile(root: string, server: string): string {
  return join(root, 'build', `${server}-${process.pid}.cjs`);
}
