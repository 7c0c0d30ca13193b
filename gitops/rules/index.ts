import type { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import type { ObjectCheck } from './check';
import { hostAgreement } from './host-agreement';
import type { OutputFile } from './output-file';
import { plainText } from './plain-text';
import { policies } from './policies';
import { releaseRules } from './release-rules';
import { schema } from './schema';
import { secretLeak } from './secret-leak';

/**
 * The rules for one object, in the order in which their problems are told. Names, labels and duplicates are not among
 * them: no declaration that model/spec.ts accepts can get them wrong (random-servers.test.ts).
 */
const objectChecks: readonly ObjectCheck[] = [schema, releaseRules, plainText, secretLeak, policies];

/** Everything that is wrong with what was rendered, before a byte of it is written. */
export function outputProblems(files: readonly OutputFile[], servers: readonly Server[]): readonly Problem[] {
  const ofObjects = files.flatMap(({ path, objects = [] }) =>
    objects.flatMap((object) => objectChecks.flatMap((check) => check(object, `dist/${path}`))),
  );
  const byServer = new Map<string | undefined, OutputFile[]>(servers.map(({ name }) => [name, []]));
  for (const file of files) byServer.get(file.server)?.push(file);
  return [...ofObjects, ...servers.flatMap((server) => hostAgreement(server, byServer.get(server.name) ?? []))];
}
