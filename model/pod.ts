import { z } from 'zod';
import { egress } from './egress';
import { annotationsRule, objectName } from './fields';
import { foreignLabelsRule, labelsRule, podAnnotationsRule } from './labels';
import { literal, unescaped, unsafeParts } from './yaml-safe';
import { patchRule } from './pod-patch';
import { rule } from './schema-problems';
import { tolerations } from './toleration';
import { volumes } from './volume';

/** Texts for YAML and Flux, which leave them as they are; afterwards `$${` is the `${` that it stands for. */
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
 * What a platform says of the pods of every server, and a server of its own: for the plain runtime. With st-app
 * `podAnnotations` alone, which is the one that the chart is known to take.
 */
export const podFields = {
  /**
   * The identity of the pods: `annotations` make a ServiceAccount of the server's name, for a cloud's workload identity;
   * `name` is that of one that exists in the server's namespace.
   * @default - the namespace's own, `default`, and no token
   */
  serviceAccount: z
    .strictObject({
      annotations: annotations.optional(),
      name: objectName.optional(),
      /**
       * Mounts the account's token for the Kubernetes API. Clouds need none: they mount one of their own.
       * @default - false
       */
      token: z.boolean().optional(),
    })
    .superRefine(({ annotations, name }, context) => {
      if ((annotations === undefined) === (name === undefined))
        rule(context, undefined, 'has not exactly one of annotations and name', 'write one of the two');
    })
    .optional(),
  /**
   * Names of Secrets, in the server's namespace, that images are pulled with.
   * @default - none
   */
  imagePullSecrets: z.array(objectName).optional(),
  /**
   * More labels for the pods.
   * @default - ours alone
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
   * Taints of nodes that pods put up with.
   * @default - none
   */
  tolerations: tolerations.optional(),
  /**
   * The name of a PriorityClass.
   * @default - the cluster's own
   */
  priorityClass: objectName.optional(),
  /**
   * Files beside the image.
   * @default - `/tmp` alone
   */
  volumes: volumes.optional(),
  /**
   * Where pods may call: these places, DNS, and nowhere else. An empty list leaves DNS alone. Answers to callers are no
   * calls, so the engine and MCP clients are not shut out.
   * @default - anywhere
   */
  egress: egress.optional(),
  /**
   * A patch of the pod template, `{ metadata, spec }`, for what has no field: merged as `kubectl patch` does by default.
   * @default - none
   */
  pod: z
    .record(z.string(), z.unknown())
    .superRefine((patch, context) => patchRule(patch, context))
    .transform((patch) => Object(literal(patch)) as Readonly<Record<string, unknown>>)
    .optional(),
} as const;

const settings = z.object(podFields).partial();

/** What one declaration says of pods. */
export type PodSettings = Readonly<z.output<typeof settings>>;

/** A server with what it says of its pods, on a platform that says something as well. */
export type PodOwner = PodSettings & {
  readonly source: string;
  readonly platform: PodSettings & { readonly source: string };
};

/** The fields, in the order in which they are told. */
export const podFieldNames = Object.keys(podFields) as readonly (keyof typeof podFields)[];

/**
 * What holds for a server's pods: the platform's, with the server's own over it. Of what has names the server's wins by
 * name (labels, annotations, nodes, volumes); of what has none both hold (tolerations, egress, image pull secrets); of a
 * single thing the server's stands (priority class, another account). Patches are merged one after the other.
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
    /** Undefined: pods may call anywhere. */
    egress: isClosed ? both.flatMap((each) => each.egress ?? []) : undefined,
    patches: [
      { file: platform.source, patch: platform.pod },
      { file: source, patch: own.pod },
    ].flatMap(({ file, patch }) => (patch === undefined ? [] : [{ file, patch }])),
  };
}

/** The files that say a field: the platform's, the server's, both, or neither. */
export function sourcesOf({ platform, source, ...own }: PodOwner, field: keyof typeof podFields): readonly string[] {
  return [...(platform[field] === undefined ? [] : [platform.source]), ...(own[field] === undefined ? [] : [source])];
}

type Account = PodSettings['serviceAccount'];

function accountOf(usual: Account, own: Account): Account {
  if (own?.annotations === undefined || usual?.annotations === undefined) return own ?? usual;
  return { ...usual, ...own, annotations: { ...usual.annotations, ...own.annotations } };
}
