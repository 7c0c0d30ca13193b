import type { Manifest } from '../../charts/render';
import { isSubstitutionDisabled } from '../../charts/substitution';
import { distinctProblems } from '../../model/distinct-problems';
import { Problem } from '../../model/problem';
import type { Server } from '../../model/spec';
import { unsafeParts } from '../../model/yaml-safe';
import type { ObjectCheck } from './check';
import { hostAgreement } from './host-agreement';
import { metricsExported } from './metrics';
import type { OutputFile } from './output-file';
import { podRules } from './pod-rules';
import { policies } from './policies';
import { registryEntry } from './registry-entry';
import { releaseRules } from './release-rules';
import { schema } from './schema';
import { secretLeak } from './secret-leak';

/** Rejects text that YAML readers, Helm or Flux's substitution would change on the way to the cluster. */
export const plainText: ObjectCheck = (object) =>
  Object.entries(object)
    .flatMap(([key, value]) => unsafeParts(value, key))
    .filter(({ code }) => code !== 'SUBSTITUTION' || !isSubstitutionDisabled(object))
    .map((each) => ({ ...each, found: `must change: ${each.found}` }));

/**
 * The rules for one object, in the order of their problems. Names, labels and duplicates need no rule: no declaration that
 * model/spec.ts accepts gets them wrong (random-servers.test.ts).
 */
const objectChecks: readonly ObjectCheck[] = [
  schema,
  releaseRules,
  podRules,
  plainText,
  secretLeak,
  policies,
  metricsExported,
];

/** Checks the rendered files, before any of them is written. */
export function outputProblems(files: readonly OutputFile[], servers: readonly Server[]): readonly Problem[] {
  const objectFindings = files.flatMap(({ path, objects = [] }) =>
    objects.flatMap((object) => objectProblems(object, `dist/${path}`)),
  );
  const keyOf = (server?: string, platform?: string) => `${server}/${platform}`;
  const byServer = new Map<string, OutputFile[]>();
  for (const file of files) {
    const key = keyOf(file.server, file.platform);
    byServer.set(key, [...(byServer.get(key) ?? []), file]);
  }
  const hostProblems = servers.flatMap((server) =>
    hostAgreement(server, byServer.get(keyOf(server.name, server.platform.name)) ?? []),
  );
  return distinctProblems([...objectFindings, ...files.flatMap(registryEntry), ...hostProblems]);
}

/** The findings of all rules for one object, with its name in front of each path. */
function objectProblems(object: Manifest, file: string): readonly Problem[] {
  const name = `${object.kind}/${object.metadata?.name ?? '?'}`;
  return objectChecks
    .flatMap((check) => check(object))
    .map(({ code, path, found, fix }) => {
      return new Problem(code, `Cannot emit ${name}: ${path} ${found}`, { file, path: `${name} ${path}`, fix });
    });
}
