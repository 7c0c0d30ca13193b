import { z } from 'zod';
import { egress } from './egress';
import { annotationsRule, objectName } from './fields';
import { foreignLabelsRule, labelsRule, podAnnotationsRule } from './labels';
import { patchRule } from './pod-patch';
import { rule } from './schema-problems';
import { tolerations } from './toleration';
import { volumes } from './volume';
import { literal, unescaped, unsafeParts } from './yaml-safe';

/** Strings that are safe in YAML and Flux; `$${` is then unescaped to `${`. */
const annotations = z
  .record(z.string(), z.string())
  .superRefine((given, context) => annotationsRule(given, context))
  .superRefine((given, context) => {
    for (const [key, value] of Object.entries(given))
      for (const { code, found, fix } of unsafeParts(value, '')) rule(context, code, found, fix, [key]);
  })
  .transform((given) => Object.fromEntries(Object.entries(given).map(([key, value]) => [key, unescaped(value)])));

const labels = z.record(z.string(), z.string()).superRefine((given, context) => labelsRule(given, context));

/**
 * Pod settings: defaults in a platform, overrides in a server. For the plain runtime; st-app supports only
 * `podAnnotations`, the only one that the chart is known to accept.
 */
export const podFields = {
  /**
   * The identity of the pods: `annotations` creates a ServiceAccount named after the server, for a cloud's workload
   * identity; `name` uses an existing one in the server's namespace.
   * @default - the namespace's `default`, without a token
   */
  serviceAccount: z
    .strictObject({
      annotations: annotations.optional(),
      name: objectName.optional(),
      /**
       * Mounts the account's token for the Kubernetes API. Not needed for workload identity, which mounts its own.
       * @default - false
       */
      token: z.boolean().optional(),
    })
    .superRefine(({ annotations, name }, context) => {
      if ((annotations === undefined) === (name === undefined))
        rule(context, undefined, 'must have exactly one of annotations and name', 'write one of the two');
    })
    .optional(),
  /**
   * Names of Secrets in the server's namespace for pulling images.
   * @default - none
   */
  imagePullSecrets: z.array(objectName).optional(),
  /**
   * Additional labels for the pods.
   * @default - only ours
   */
  podLabels: labels.superRefine((given, context) => foreignLabelsRule(given, context)).optional(),
  /**
   * Annotations for the pods.
   * @default - none
   */
  podAnnotations: annotations.superRefine((given, context) => podAnnotationsRule(given, context)).optional(),
  /**
   * Labels of the nodes that pods may run on.
   * @default - any node
   */
  nodeSelector: labels.optional(),
  /**
   * Taints of nodes that pods tolerate.
   * @default - none
   */
  tolerations: tolerations.optional(),
  /**
   * The name of a PriorityClass.
   * @default - the cluster's default
   */
  priorityClass: objectName.optional(),
  /**
   * Volumes to mount.
   * @default - only `/tmp`
   */
  volumes: volumes.optional(),
  /**
   * The only destinations that pods may call, in addition to DNS. An empty list allows only DNS. Responses to callers, such
   * as the engine and MCP clients, are not affected.
   * @default - any destination
   */
  egress: egress.optional(),
  /**
   * A strategic merge patch of the pod template, `{ metadata, spec }`, for settings without a field here.
   * @default - none
   */
  pod: z
    .record(z.string(), z.unknown())
    .superRefine((patch, context) => patchRule(patch, context))
    .transform((patch) => Object(literal(patch)) as Readonly<Record<string, unknown>>)
    .optional(),
} as const;

const settings = z.object(podFields).partial();

/** The pod settings of one declaration. */
export type PodSettings = Readonly<z.output<typeof settings>>;

/** A server's pod settings with those of its platform. */
export type PodOwner = PodSettings & {
  readonly source: string;
  readonly platform: PodSettings & { readonly source: string };
};

/** The names of the fields, in a fixed order. */
export const podFieldNames = Object.keys(podFields) as readonly (keyof typeof podFields)[];

/**
 * The effective pod settings of a server: the platform's, overridden by the server's. Labels, annotations, node selectors
 * and volumes merge by name; tolerations, egress and image pull secrets are concatenated; a
 * priority class, or a service account of another kind, replaces the platform's. Patches merge in order, the platform's first.
 */
export function podOf({ platform, source, ...own }: PodOwner) {
  const both = [platform, own] as const;
  const tables = (name: 'podLabels' | 'podAnnotations' | 'nodeSelector') => ({ ...platform[name], ...own[name] });
  const volumes = new Map(both.flatMap((each) => each.volumes ?? []).map((volume) => [volume.name, volume]));
  const isClosed = both.some(({ egress }) => egress !== undefined);
  return {
    serviceAccount: accountOf(platform.serviceAccount, own.serviceAccount),
    imagePullSecrets: [...new Set(both.flatMap((each) => each.imagePullSecrets ?? []))],
    podLabels: tables('podLabels'),
    podAnnotations: tables('podAnnotations'),
    nodeSelector: tables('nodeSelector'),
    tolerations: both.flatMap((each) => each.tolerations ?? []),
    priorityClass: own.priorityClass ?? platform.priorityClass,
    volumes: [...volumes.values()],
    /** @default - pods may call any destination */
    egress: isClosed ? both.flatMap((each) => each.egress ?? []) : undefined,
    patches: [
      { file: platform.source, patch: platform.pod },
      { file: source, patch: own.pod },
    ].flatMap(({ file, patch }) => (patch === undefined ? [] : [{ file, patch }])),
  };
}

/** The files that set a field: the platform's, the server's, both or neither. */
export function sourcesOf({ platform, source, ...own }: PodOwner, field: keyof typeof podFields): readonly string[] {
  return [...(platform[field] === undefined ? [] : [platform.source]), ...(own[field] === undefined ? [] : [source])];
}

type Account = PodSettings['serviceAccount'];

function accountOf(platform: Account, own: Account): Account {
  if (own?.annotations === undefined || platform?.annotations === undefined) return own ?? platform;
  return { ...platform, ...own, annotations: { ...platform.annotations, ...own.annotations } };
}
