import { z } from 'zod';
import type { Platform } from './platform';
import { rule } from './schema-problems';
import { waysOf } from './ways';

/** The name of a server's folder, which becomes its namespace, its release and a label of its host. */
export function nameRule(platform: Pick<Platform, 'source' | 'ways' | 'engine' | 'chart' | 'monitoring'>) {
  return z.string().superRefine((name, context) => {
    // Helm release names have at most 53 characters (Helm 3 and 4); Services and Terraform labels start with a letter.
    if (name.length > 53) rule(context, 'NAME', `has ${name.length} characters, 53 at most`, 'shorten the folder name');
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
      rule(context, 'NAME', 'is not a letter followed by lower-case letters, digits and -', 'rename the folder');
    }
    const [, reason] = reserved.find(([names]) => names.test(name)) ?? [];
    if (reason !== undefined) rule(context, 'NAME', `is reserved: ${reason}`, 'rename the folder');
    const [owner] = foreignNamespaces(platform).find(([, namespace]) => namespace === name) ?? [];
    if (owner !== undefined) {
      const found = `is a namespace of the platform (${owner} of ${platform.source}), which removing the server would delete`;
      rule(context, 'NAME', found, 'rename the folder');
    }
  });
}

/** The same for a server with tools: its name also becomes the name of its toolkit. */
export function toolkitNameRule(platform: Parameters<typeof nameRule>[0]) {
  return nameRule(platform).refine((name) => !name.includes('--'), {
    message: 'has two dashes in a row, which a toolkit name cannot have',
    params: { code: 'NAME', fix: 'rename the folder' },
  });
}

/** Names with a meaning for another program. */
const reserved: readonly (readonly [names: RegExp, reason: string])[] = [
  [/^(default|flux-system|kube-.*)$/, 'the cluster has a namespace of this name'],
  [/^(build|dist|sealed)$/, 'git or the launcher ignores folders of this name'],
  [/^main$/, 'a DNS workspace has its own settings in a file of this name'],
  // https://developer.hashicorp.com/terraform/language/files/override
  [/^override$/, 'Terraform merges a file of this name over the others'],
  [/^kustomization$/, 'kustomize reads its configuration from a file of this name'],
  // Kubernetes sets `<SERVICE>_PORT=tcp://…` in the pods of a namespace, and the worker parses this one as a number.
  [/^worker-operations$/, 'its Service would set an environment variable that the worker reads'],
  // https://learn.microsoft.com/windows/win32/fileio/naming-a-file
  [/^(con|prn|aux|nul|com\d|lpt\d)$/, 'Windows does not allow a folder of this name'],
];

/** The namespaces that a platform names and that are not ours. */
function foreignNamespaces({ ways, engine, chart, monitoring }: Parameters<typeof nameRule>[0]) {
  return [
    ...waysOf({ ways }).map(({ path, namespace }) => [`${path}.namespace`, namespace] as const),
    ...(ways.gateway?.parentRefs ?? []).map(
      ({ namespace }, index) => [`ways.gateway.parentRefs.${index}.namespace`, namespace] as const,
    ),
    ['engine.namespace', engine.namespace],
    ['chart.source.namespace', chart?.source.namespace],
    ['monitoring.namespace', monitoring?.namespace],
  ] as const;
}
