import { z } from 'zod';
import { contract } from '../worker/contract';
import { ExistingRecord } from './dns';
import { podFields } from './pod';
import { resourcesRule } from './quantity';
import { rule } from './schema-problems';
import { isReserved, maxVariableBytes, variableBytes, variableName } from './variable';
import { unescaped, unsafeParts } from './yaml-safe';

/** A string that is safe in YAML and Flux; `$${` is then unescaped to `${`. */
const variableValue = z
  .string()
  .superRefine((text, context) => {
    for (const { code, found, fix } of unsafeParts(text, '')) rule(context, code, found, fix);
  })
  .transform(unescaped);

const reserved = { message: 'is set by the container', params: { code: 'SERVER-FIELD', fix: 'remove it' } };

/** How long the worker keeps serving after SIGTERM, and then waits for running calls, in seconds. */
const times = { drain: 'WORKER_DRAIN_SECONDS', stop: 'ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN' } as const;

const neitherForm =
  "is neither a number from 1 to 50 nor a range { min, max, on: 'cpu' or 'calls' } with min below max";
const replicaCount = z.int().min(1).max(50);

const fields = z.strictObject({
  /** The team that owns the server. Becomes the label `team`. */
  team: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a label: lower-case letters, digits and -'),
  /**
   * The image to run: a repository with an exact tag, a digest, or both. A server with `tools/` may write only the version,
   * such as `1.0.1`, because the repository follows from the platform's registry and the server's name.
   */
  image: z.string(),
  /** One sentence for the engine and MCP clients: the purpose of the server. Only with `tools/`. */
  description: z
    .string()
    .regex(/^\S.*$/, 'is not one line of text')
    .optional(),
  /**
   * The version of the tools, shown to the engine and MCP clients: semver with three numbers. Raise it when the tools change.
   * Only with `tools/`.
   */
  version: z
    .string()
    .regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'is not a version of three numbers, such as 1.0.0')
    .optional(),
  /**
   * The number of pods, or a range for an autoscaler: on CPU use, or with `on: 'calls'` on calls in flight, which KEDA queries
   * from Prometheus, so the platform needs `monitoring`.
   * @default - 1; a range scales on CPU
   */
  replicas: z
    .union(
      [
        replicaCount,
        z
          .strictObject({ min: replicaCount, max: replicaCount, on: z.enum(['cpu', 'calls']).optional() })
          .refine(({ min, max }) => min < max, neitherForm),
      ],
      neitherForm,
    )
    .default(1),
  /**
   * Requests and limits of a pod, as Kubernetes quantities: cores such as `50m` or `1.5`, bytes such as `128Mi`.
   * @default - requests of 50m and 128Mi, a memory limit of 256Mi, no CPU limit
   */
  resources: z
    .strictObject({
      requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
      limits: z.strictObject({ cpu: z.string().optional(), memory: z.string() }),
    })
    .superRefine((resources, context) => resourcesRule(resources, context))
    .default({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } }),
  /**
   * The public host name, in the platform's zone.
   * @default - `<server>.<zone>`
   */
  host: z.string().optional(),
  /**
   * An existing DNS record of the host, which Terraform adopts instead of creating one: `{ id }` for a record created by hand,
   * `{ movedFrom }` for one at another address of the workspace. A no-op once applied.
   * @default - Terraform creates the record
   */
  record: ExistingRecord.optional(),
  /**
   * `public`: an Ingress or HTTPRoute and a DNS record, so that the engine's dashboard accepts the address. `internal`: only a
   * cluster-internal Service, which the engine accepts only in its configuration file.
   * @default - public
   */
  exposure: z.enum(['public', 'internal']).default('public'),
  /**
   * `st-app`: a HelmRelease of the platform's private chart. `plain`: our own Deployment, Service and so on, for any cluster
   * with Flux and sealed-secrets.
   * @default - st-app if the platform has a chart, otherwise plain
   */
  runtime: z.enum(['st-app', 'plain']).optional(),
  /**
   * The probes of the kubelet: `http` requests the worker's `/live` and `/ready` on its operations port, or the health path of
   * st-app and of an image built elsewhere; `tcp` connects to the port.
   * @default - off with st-app, http with plain
   */
  probes: z.enum(['off', 'tcp', 'http']).optional(),
  /**
   * Names of environment variables with secret values, in addition to the worker secret; each needs a value in
   * `sealed/<platform>.json`.
   * @default - only the worker secret
   */
  secrets: z
    .array(variableName.refine((name) => !isReserved(name) || name === contract.env.secret, reserved))
    .refine((names) => new Set(names).size === names.length, 'names a secret twice')
    .default([]),
  /**
   * Whether an external worker secret is being rotated: pods then also get the previous one, which the store has under the
   * name with `_PREVIOUS`.
   * @default - no; if secrets are sealed, use `npm run seal -- rotate`
   */
  rotating: z.boolean().optional(),
  /**
   * Environment variables with values that are not secret. Write a dollar sign before a brace twice, `$${HOME}`, or Flux
   * would substitute it; the container gets one.
   * @default - only those of the worker's contract
   */
  env: z.record(variableName, variableValue).default({}),
  /**
   * Additional chart values: only keys in charts/st-app-values.ts that no other field sets.
   * @default - none
   */
  values: z.record(z.string(), z.unknown()).default({}),
  // They override those of the platform, see `podOf`.
  ...podFields,
});

/**
 * The fields that may differ between platforms. The others define the server itself: if they differed, a test on one
 * platform would prove nothing about the next.
 */
const Override = fields
  .pick({ image: true, replicas: true, resources: true, host: true, record: true, env: true, rotating: true })
  .extend(podFields)
  .partial();

/** The names of the fields that may differ between platforms. */
export const overridable: readonly string[] = Override.keyof().options;

/** The schema of `servers/<name>/server.ts`. Everything else is derived from it. */
export const ServerEntry = fields
  .extend({
    /**
     * Where the server runs: names of platforms, or an object of overrides by platform name. A field replaces the server's
     * own; `env` is merged variable by variable.
     * @default - on every platform, without overrides
     */
    platforms: z.union([z.array(z.string()), z.record(z.string(), Override)]).optional(),
  })
  .superRefine((entry, context) => {
    const set = (name: string) => isReserved(name) || entry.secrets.includes(name);
    for (const name of Object.keys(entry.env).filter(set)) {
      rule(context, 'SERVER-FIELD', 'is already set by the container or by a secret', 'remove it', ['env', name]);
    }
    for (const [name, value] of Object.entries(entry.env)) {
      const bytes = variableBytes(name, value);
      const found = `takes ${bytes} bytes with its name, but Linux allows at most ${maxVariableBytes}`;
      if (bytes > maxVariableBytes)
        rule(context, 'SERVER-FIELD', found, 'put it in the image, or fetch it at run time', ['env', name]);
    }
    for (const name of Object.values(times)) {
      if (!/^\d+$/.test(entry.env[name] ?? '0'))
        rule(context, 'SERVER-FIELD', 'is not a whole number of seconds', 'write one, or remove it', ['env', name]);
    }
    const { drainSeconds, stopSeconds } = contract;
    const seconds = Number(entry.env[times.drain] ?? drainSeconds) + Number(entry.env[times.stop] ?? stopSeconds);
    if (seconds > drainSeconds + stopSeconds) {
      const found = `lets the worker take ${seconds} s to stop, but its pod is killed after ${drainSeconds + stopSeconds} s`;
      const name = times.drain in entry.env ? times.drain : times.stop;
      rule(context, 'SERVER-FIELD', found, 'write less, or remove it', ['env', name]);
    }
    if (entry.exposure === 'internal' && entry.host !== undefined) {
      rule(context, 'HOST-MISMATCH', 'is set, but the exposure is internal', 'remove one of the two', ['host']);
    }
  });

export type ServerEntry = z.input<typeof ServerEntry>;

/** Declares a server. Validated when all servers are read, so that every mistake is reported together. */
export function defineServer(entry: ServerEntry): ServerEntry {
  return entry;
}
