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

/** What one controller says of a route at one of its Gateways. */
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

/** What kubectl printed as a list of objects. @returns undefined when it is none */
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
  /** The end of a sentence that starts with the object. */
  readonly what: string;
  /** Its controller says nothing of the object as it is now. */
  readonly isUnseen: boolean;
}

/** The conditions that say so when all is well, and how a sentence calls them. */
const reached = {
  Synced: 'synced',
  Ready: 'ready',
  Accepted: 'accepted',
  ResolvedRefs: 'resolved',
  Programmed: 'programmed',
} as const;

/**
 * Why an object that is there has not reached a condition. @returns undefined when it has
 * @param conditions those to look into. @default - the object's own
 */
export function faultOf(
  object: KubernetesObject,
  type: keyof typeof reached,
  conditions = object.status.conditions,
): Fault | undefined {
  const { generation, deletionTimestamp } = object.metadata;
  if (deletionTimestamp !== undefined) return { what: 'is being deleted', isUnseen: false };
  const condition = conditions?.find((each) => each.type === type);
  // The condition knows best: helm-controller leaves the status' own generation behind until it has a chart (1.6.1).
  const seen = condition?.observedGeneration ?? object.status.observedGeneration ?? generation;
  // It may have seen it, and fail before there is anything to say of it: then there is an event alone.
  if (condition === undefined) return { what: 'is new, and its controller says nothing of it yet', isUnseen: true };
  if (seen < generation) return { what: 'was changed, and its controller says nothing of that yet', isUnseen: true };
  if (condition.status === 'True') return undefined;
  return { what: `is not ${reached[type]}: ${saidBy(condition)}`, isUnseen: false };
}

/** What a controller says with a condition, on one line: Helm's failures and lists of drift have several. */
export function saidBy({ message, reason, status }: z.output<typeof Condition>): string {
  return (message || reason || status).replace(/\s+/g, ' ').trim();
}
