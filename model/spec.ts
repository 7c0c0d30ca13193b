import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contract } from '../worker/contract';
import { hostRule } from './host';
import { isPinned, parseImage } from './image';
import type { Platform } from './platform';
import type { Problem } from './problem';
import { fieldNames, problemsFrom, rule } from './schema-problems';
import { sorted } from './sorted';

/** Cores, such as `50m` or `1.5`; bytes, such as `128Mi` (Kubernetes resource quantities). */
const quantity = z.string().regex(/^\d+(\.\d+)?(m|[KMGT]i?)?$/, 'is not a quantity such as "50m" or "128Mi"');

const environmentName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,252}$/, 'is not the name of an environment variable');

const neitherForm = 'is neither a number from 1 to 50 nor a range { min, max } with min below max';
const replicaCount = z.int().min(1).max(50);

/** What a platform engineer writes in `servers/<name>/server.ts`. Everything else is derived from it. */
export const ServerEntry = z
  .strictObject({
    /** The team that answers for the server. Becomes the label `team`. */
    team: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a label: lower-case letters, digits and -'),
    /** The image to run: repository and an exact tag, a digest, or both. */
    image: z.string().superRefine((reference, context) => {
      const image = parseImage(reference);
      if (image === undefined) {
        rule(context, 'SERVER-FIELD', 'is not an image reference', 'write registry/repository:version');
      } else if (!isPinned(image)) {
        const found = image.tag === undefined ? 'has no version' : `has the moving tag "${image.tag}"`;
        rule(context, 'UNPINNED', found, 'end it in an exact version such as :1.0.1, or in a digest @sha256:…');
      }
    }),
    /**
     * How many pods run: a number, or a range for an autoscaler.
     * @default - 1
     */
    replicas: z
      .union(
        [
          replicaCount,
          z.strictObject({ min: replicaCount, max: replicaCount }).refine(({ min, max }) => min < max, neitherForm),
        ],
        neitherForm,
      )
      .default(1),
    /**
     * What a pod asks for and may use, as Kubernetes quantities.
     * @default - 50m and 128Mi asked for, 256Mi at most, no limit on CPU
     */
    resources: z
      .strictObject({
        requests: z.strictObject({ cpu: quantity, memory: quantity }),
        limits: z.strictObject({ cpu: quantity.optional(), memory: quantity }),
      })
      .default({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } }),
    /**
     * The public host name. Must end in the platform's zone.
     * @default - the server's name in the zone
     */
    host: z.string().optional(),
    /**
     * `public`: an ingress and a DNS record, so that the engine's dashboard accepts the address. `internal`: a Service
     * inside the cluster and no name outside; the engine then needs it in its configuration file.
     * @default - public
     */
    exposure: z.enum(['public', 'internal']).default('public'),
    /**
     * `st-app`: a HelmRelease of the platform's private chart. `plain`: Deployment, Service and Ingress of our own, for
     * any cluster that has Flux and sealed-secrets.
     * @default - st-app
     */
    runtime: z.enum(['st-app', 'plain']).default('st-app'),
    /**
     * How the kubelet asks whether the server lives: `http` asks the worker's health path, `tcp` opens its port.
     * @default - off with st-app, http with plain
     */
    probes: z.enum(['off', 'tcp', 'http']).optional(),
    /**
     * Environment names that arrive sealed; each needs a value in `sealed.json`.
     * @default - the worker secret alone
     */
    secrets: z
      .array(environmentName)
      .min(1)
      .refine((names) => new Set(names).size === names.length, 'names a secret twice')
      .default([contract.env.secret]),
    /**
     * Environment that is no secret.
     * @default - none beside what the worker's contract sets
     */
    env: z.record(environmentName, z.string()).default({}),
    /**
     * Extra values for the chart, merged last; only keys that charts/st-app-values.ts knows.
     * @default - none
     */
    values: z.record(z.string(), z.unknown()).default({}),
  })
  .superRefine((entry, context) => {
    const set = (name: string) => Object.values<string>(contract.env).includes(name) || entry.secrets.includes(name);
    for (const name of Object.keys(entry.env).filter(set)) {
      rule(context, 'SERVER-FIELD', 'is set by the contract or by a secret already', 'take it out', ['env', name]);
    }
    if (entry.exposure === 'internal' && entry.host !== undefined) {
      rule(context, 'HOST-MISMATCH', 'is given, but the exposure is internal', 'leave one of the two out', ['host']);
    }
    if (entry.runtime === 'plain' && Object.keys(entry.values).length > 0) {
      rule(context, 'UNMAPPED-FIELD', 'has no place in the plain runtime', 'take it out, or use st-app', ['values']);
    }
  });

export type ServerEntry = z.input<typeof ServerEntry>;

/** One server with its defaults and every name it will be known by. */
export type Server = Readonly<z.output<typeof ServerEntry>> & ReturnType<typeof namesOf>;

/** Declares a server. It is checked with all the others when the list is read, so that one mistake hides no other. */
export function defineServer(entry: ServerEntry): ServerEntry {
  return entry;
}

/**
 * A declaration with its folder's name → the server, or every problem it has.
 * @param name the folder's name; becomes the namespace, the release and the first label of the host
 */
export function serverFrom(name: string, entry: unknown, platform: Platform): Server | readonly Problem[] {
  const file = `servers/${name}/server.ts`;
  const input = { name, entry, host: hostIn(entry) };
  const rules = z.strictObject({ name: nameRule, entry: ServerEntry, host: hostRule(platform.dns.zone).optional() });
  const parsed = rules.safeParse(input);
  if (!parsed.success)
    return problemsFrom(parsed.error, { file, input, fields: fieldNames(ServerEntry), schema: 'servers/spec.ts' });
  const server = parsed.data.entry;
  return { ...server, ...namesOf(name, server, platform) };
}

/** The only place where one name is made out of another. */
export function namesOf(
  name: string,
  { host, exposure, image, ...entry }: z.output<typeof ServerEntry>,
  platform: Platform,
) {
  const isPublic = exposure === 'public';
  const publicHost = host ?? `${name}.${platform.dns.zone}`;
  const internalHost = `${name}.${name}.svc.cluster.local`;
  return {
    name,
    namespace: name,
    isPublic,
    /** The name that callers use: in the zone for a public server, in the cluster for an internal one. */
    host: isPublic ? publicHost : internalHost,
    /** What is registered with the engine, without `/worker`. */
    url: isPublic ? `https://${publicHost}` : `http://${internalHost}:${contract.port}`,
    secretName: `${name}-worker-secret`,
    /** Terraform's label for the record. */
    resourceLabel: name.replaceAll('-', '_'),
    source: `servers/${name}/server.ts`,
    specSha256: createHash('sha256')
      .update(JSON.stringify(sorted({ host, exposure, image, ...entry })))
      .digest('hex'),
  } as const;
}

const nameRule = z.string().superRefine((name, context) => {
  // 53 is the longest Helm release name (Helm 3 and 4); a letter first, because Services and Terraform labels want one.
  if (name.length > 53) rule(context, 'NAME', `has ${name.length} characters, 53 at most`, 'shorten the folder name');
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    rule(context, 'NAME', 'is not a letter followed by lower-case letters, digits and -', 'rename the folder');
  }
  if (/^(default|flux-system|kube-.*)$/.test(name)) rule(context, 'NAME', 'is reserved', 'rename the folder');
});

function hostIn(entry: unknown): string | undefined {
  const host = typeof entry === 'object' && entry !== null && 'host' in entry ? entry.host : undefined;
  return typeof host === 'string' ? host : undefined;
}
