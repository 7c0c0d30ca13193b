import type { Platform } from '../../model/platform';
import type { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import type { OutputFile } from '../synth/tree';
import type { ObjectCheck } from './check';
import { duplicates } from './duplicates';
import { hostAgreement } from './host-agreement';
import { labels } from './labels';
import { names } from './names';
import { plainText } from './plain-text';
import { policies } from './policies';
import { releaseRules } from './release-rules';
import { schema } from './schema';
import { secretLeak } from './secret-leak';

/** The checks of one object, in the order in which their problems are told. */
const objectChecks: readonly ObjectCheck[] = [schema, releaseRules, plainText, names, labels, secretLeak, policies];

/** Everything that is wrong with what was rendered, before a byte of it is written. */
export function outputProblems(
  files: readonly OutputFile[],
  servers: readonly Server[],
  platform: Platform,
): readonly Problem[] {
  const ofObjects = files.flatMap(({ path, objects = [] }) =>
    objects.flatMap((object) => objectChecks.flatMap((check) => check(object, `dist/${path}`))),
  );
  const byServer = groupByServer(files);
  const ofServers = servers.flatMap((server) => hostAgreement(server, byServer.get(server.name) ?? [], platform));
  return [...ofObjects, ...duplicates(files), ...ofServers];
}

function groupByServer(files: readonly OutputFile[]): ReadonlyMap<string | undefined, readonly OutputFile[]> {
  const groups = new Map<string | undefined, OutputFile[]>();
  for (const file of files) groups.set(file.server, [...(groups.get(file.server) ?? []), file]);
  return groups;
}
