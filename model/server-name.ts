import { z } from 'zod';
import type { Platform } from './platform';
import { rule } from './schema-problems';
import { waysOf } from './ways';

/** The name of a server's folder, which becomes a namespace, a release and a label of its host. */
export function nameRule(platform: Pick<Platform, 'source' | 'ways' | 'engine' | 'chart' | 'monitoring'>) {
  return z.string().superRefine((name, context) => {
    // 53 is the longest Helm release name (Helm 3 and 4); a letter first, because Services and Terraform labels want one.
    if (name.length > 53) rule(context, 'NAME', `has ${name.length} characters, 53 at most`, 'shorten the folder name');
    if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
      rule(context, 'NAME', 'is not a letter followed by lower-case letters, digits and -', 'rename the folder');
    }
    const [, reason] = reserved.find(([names]) => names.test(name)) ?? [];
    if (reason !== undefined) rule(context, 'NAME', `is reserved: ${reason}`, 'rename the folder');
    const [owner] = othersNamespaces(platform).find(([, namespace]) => namespace === name) ?? [];
    if (owner !== undefined) {
      const found = `is somebody else's namespace (${owner} of ${platform.source}), which would go when the server goes`;
      rule(context, 'NAME', found, 'rename the folder');
    }
  });
}

/** The same for a server with tools, whose toolkit is named after it. */
export function toolkitNameRule(platform: Parameters<typeof nameRule>[0]) {
  return nameRule(platform).refine((name) => !name.includes('--'), {
    message: 'has two dashes in a row, which no toolkit name can have',
    params: { code: 'NAME', fix: 'rename the folder' },
  });
}

/** Names that mean something to a program on the way. */
const reserved: readonly (readonly [names: RegExp, reason: string])[] = [
  [/^(default|flux-system|kube-.*)$/, 'the cluster has a namespace of this name'],
  [/^(build|dist|sealed)$/, 'git and the launcher leave out what is called so, wherever it lies'],
  [/^main$/, 'a DNS workspace has its own settings in a file of this name'],
  // https://developer.hashicorp.com/terraform/language/files/override
  [/^override$/, 'Terraform lays a file of this name over the others'],
  [/^kustomization$/, 'kustomize looks for its settings under this name'],
  // Kubernetes puts `<SERVICE>_PORT=tcp://…` into the pods of a namespace, and the worker reads this one as a number.
  [/^worker-operations$/, 'the address of such a Service is in a variable that the worker reads'],
  // https://learn.microsoft.com/windows/win32/fileio/naming-a-file
  [/^(con|prn|aux|nul|com\d|lpt\d)$/, 'no checkout on Windows can hold a folder of this name'],
];

/** The namespaces that a platform's file knows as those of others. */
function othersNamespaces({ ways, engine, chart, monitoring }: Parameters<typeof nameRule>[0]) {
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
