import { z } from 'zod';

const text = z.string().optional();

const Condition = z.object({
  type: z.string(),
  status: z.string(),
  message: text,
  reason: text,
  observedGeneration: z.number().optional(),
  lastUpdateTime: text,
});

const ParentRef = z.object({ name: z.string(), namespace: text, sectionName: text });

/** The status that one controller reports for a route at one of its Gateways. */
const Parent = z.object({
  parentRef: ParentRef,
  conditions: z.array(Condition).default([]),
});

const named = z.object({ name: text }).optional();

const Container = z.object({
  name: text,
  image: z.string(),
  envFrom: z.array(z.object({ secretRef: named })).default([]),
  env: z.array(z.object({ valueFrom: z.object({ secretKeyRef: named }).optional() })).default([]),
});

const ContainerStatus = z.object({
  name: z.string(),
  state: z
    .object({
      waiting: z.object({ reason: text, message: text }).optional(),
      running: z.object({ startedAt: text }).optional(),
    })
    .default({}),
});

const KubernetesObject = z.object({
  kind: z.string(),
  metadata: z.object({ name: z.string(), generation: z.number().default(0), deletionTimestamp: text }),
  spec: z
    .object({
      containers: z.array(Container).default([]),
      suspend: z.boolean().default(false),
      parentRefs: z.array(ParentRef).optional(),
    })
    .default({ containers: [], suspend: false }),
  status: z
    .object({
      conditions: z.array(Condition).optional(),
      observedGeneration: z.number().optional(),
      parents: z.array(Parent).optional(),
      history: z.array(z.object({ chartVersion: text })).optional(),
      phase: text,
      containerStatuses: z.array(ContainerStatus).default([]),
      initContainerStatuses: z.array(ContainerStatus).default([]),
    })
    .default({ containerStatuses: [], initContainerStatuses: [] }),
});

/** A Kubernetes object: the members that verify uses. */
export type KubernetesObject = z.output<typeof KubernetesObject>;

const List = z.object({ items: z.array(KubernetesObject) });

/** Parses what kubectl printed. @returns undefined when it is not a list of objects */
export function objectsOf(printed: unknown): readonly KubernetesObject[] | undefined {
  return List.safeParse(printed).data?.items;
}

export function find(objects: readonly KubernetesObject[], kind: string, name: string): KubernetesObject | undefined {
  return objects.find((object) => object.kind === kind && object.metadata.name === name);
}

export function conditionOf(object: KubernetesObject | undefined, type: string) {
  return object?.status.conditions?.find((condition) => condition.type === type);
}

/** Why an object has not reached a condition. */
export interface Fault {
  /** Completes a sentence that starts with the object. */
  readonly what: string;
  /** Its controller has not reported on the current generation. */
  readonly isUnreported: boolean;
}

/** The conditions that are True on a healthy object, each with its word for a sentence. */
const reached = {
  Synced: 'synced',
  Ready: 'ready',
  Accepted: 'accepted',
  ResolvedRefs: 'resolved',
  Programmed: 'programmed',
} as const;

/**
 * Why an existing object has not reached a condition. @returns undefined when it has
 * @param conditions the conditions to search. @default - the object's own
 */
export function faultOf(
  object: KubernetesObject,
  type: keyof typeof reached,
  conditions = object.status.conditions,
): Fault | undefined {
  const { generation, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return { what: 'is being deleted', isUnreported: false };
  const condition = conditions?.find((each) => each.type === type);
  // Prefer the condition's generation: helm-controller 1.6.1 does not update the status' own until it has a chart.
  const seen = condition?.observedGeneration ?? object.status.observedGeneration ?? generation;
  // A controller that fails early leaves an event and no condition.
  if (condition === undefined)
    return { what: 'is new, and its controller has not reported on it yet', isUnreported: true };
  if (seen < generation)
    return { what: 'was changed, and its controller has not reported on that yet', isUnreported: true };
  if (condition.status === 'True') return undefined;
  return { what: `is not ${reached[type]}: ${messageOf(condition)}`, isUnreported: false };
}

/** The message of a condition on one line; Helm's failures and drift lists have several. */
export function messageOf({ message, reason, status }: z.output<typeof Condition>): string {
  return (message || reason || status).replace(/\s+/g, ' ').trim();
}
