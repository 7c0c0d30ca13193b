import { z } from 'zod';
import { contract } from '../worker/contract';
import { ExistingRecord } from './dns';
import { unescaped, unsafeParts } from './yaml-safe';
import { podFields } from './pod';
import { resourcesRule } from './quantity';
import { rule } from './schema-problems';
import { isReserved, maxVariableBytes, variableBytes, variableName } from './variable';

/** What YAML and Flux leave as it is; afterwards `$${` is the `${` that it stands for. */
const variableValue = z
  .string()
  .superRefine((text, context) => {
    for (const { code, found, fix } of unsafeParts(text, '')) rule(context, code, found, fix);
  })
  .transform(unescaped);

const reserved = { message: 'is set by the container itself', params: { code: 'SERVER-FIELD', fix: 'take it out' } };

/** How long the worker goes on serving, and how long it lets calls end, in seconds. */
const times = { drain: 'WORKER_DRAIN_SECONDS', stop: 'ARCADE_UVICORN_TIMEOUT_GRACEFUL_SHUTDOWN' } as const;

const neitherForm =
  "is neither a number from 1 to 50 nor a range { min, max, on: 'cpu' or 'calls' } with min below max";
const replicaCount = z.int().min(1).max(50);

const fields = z.strictObject({
  /** The team that answers for the server. Becomes the label `team`. */
  team: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/, 'is not a label: lower-case letters, digits and -'),
  /**
   * The image to run: repository and an exact tag, a digest, or both. A server with a `tools/` folder may leave the
   * repository out, because it follows from the platform's registry and the server's name: `1.0.1`.
   */
  image: z.string(),
  /** What the server is for, in a sentence for the engine and MCP clients. Only with a `tools/` folder. */
  description: z
    .string()
    .regex(/^\S.*$/, 'is not one line of text')
    .optional(),
  /**
   * The version of the tools, which the engine and MCP clients see: three numbers of semver.org. Raised when the tools
   * change. Only with a `tools/` folder.
   */
  version: z
    .string()
    .regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'is not a version of three numbers, such as 1.0.0')
    .optional(),
  /**
   * How many pods run: a number, or a range for an autoscaler, which looks at the use of CPU, or `on: 'calls'` at the calls
   * in flight: KEDA asks Prometheus for them, so the platform has to have `monitoring`.
   * @default - 1; a range is on CPU
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
   * What a pod asks for and may use, as Kubernetes quantities: cores such as `50m` or `1.5`, bytes such as `128Mi`. No
   * request is above its limit.
   * @default - 50m and 128Mi asked for, 256Mi at most, no limit on CPU
   */
  resources: z
    .strictObject({
      requests: z.strictObject({ cpu: z.string(), memory: z.string() }),
      limits: z.strictObject({ cpu: z.string().optional(), memory: z.string() }),
    })
    .superRefine((resources, context) => resourcesRule(resources, context))
    .default({ requests: { cpu: '50m', memory: '128Mi' }, limits: { memory: '256Mi' } }),
  /**
   * The public host name. Must end in the platform's zone.
   * @default - the server's name in the zone
   */
  host: z.string().optional(),
  /**
   * The record of the host that is there already, for Terraform to take over instead of making another: `{ id }` of one that
   * was made by hand, `{ movedFrom }` of one that the workspace has at another address. Does nothing once it is applied.
   * @default - Terraform makes the record
   */
  record: ExistingRecord.optional(),
  /**
   * `public`: a way in from outside and a DNS record, so that the engine's dashboard accepts the address. `internal`: a Service
   * inside the cluster and no name outside; the engine then needs it in its configuration file.
   * @default - public
   */
  exposure: z.enum(['public', 'internal']).default('public'),
  /**
   * `st-app`: a HelmRelease of the platform's private chart. `plain`: Deployment, Service and the like of our own, for
   * any cluster that has Flux and sealed-secrets.
   * @default - st-app where the platform has a chart, plain elsewhere
   */
  runtime: z.enum(['st-app', 'plain']).optional(),
  /**
   * How the kubelet asks whether the server lives: `http` asks the worker's `/live` and `/ready` on its operations port,
   * or the health path of an image built elsewhere and of st-app; `tcp` opens its port.
   * @default - off with st-app, http with plain
   */
  probes: z.enum(['off', 'tcp', 'http']).optional(),
  /**
   * Environment names that arrive sealed beside the worker secret, which always does; each needs a value in
   * `sealed/<platform>.json`.
   * @default - none
   */
  secrets: z
    .array(variableName.refine((name) => !isReserved(name) || name === contract.env.secret, reserved))
    .refine((names) => new Set(names).size === names.length, 'names a secret twice')
    .default([]),
  /**
   * Whether the worker secret is being replaced where secrets are external: pods then get the previous one beside it, which
   * the store has under its name with `_PREVIOUS`.
   * @default - no; where secrets are sealed, `npm run seal -- rotate` says it
   */
  rotating: z.boolean().optional(),
  /**
   * Environment that is no secret. The container gets each text as it is written here; a dollar sign before a brace is
   * doubled, `$${HOME}`, so that nobody takes it for a variable of Flux.
   * @default - none beside what the worker's contract sets
   */
  env: z.record(variableName, variableValue).default({}),
  /**
   * Extra values for the chart: only keys that charts/st-app-values.ts knows, and none that another field decides.
   * @default - none
   */
  values: z.record(z.string(), z.unknown()).default({}),
  // Laid over those of the platform; `podOf` says how.
  ...podFields,
});

/**
 * The fields that may differ between platforms. The others say what a server is, and hold wherever it runs: what is
 * tested on one platform would be something else on the next.
 */
const Override = fields
  .pick({ image: true, replicas: true, resources: true, host: true, record: true, env: true, rotating: true })
  .extend(podFields)
  .partial();

/** The names of the fields that may differ between platforms. */
export const overridable: readonly string[] = Override.keyof().options;

/** What a platform engineer writes in `servers/<name>/server.ts`. Everything else is derived from it. */
export const ServerEntry = fields
  .extend({
    /**
     * Where the server runs: names of files in `platforms/`, or those names with what differs there. A field replaces the
     * server's own; `env` is laid over it, variable by variable.
     * @default - on every platform, as it is declared
     */
    platforms: z.union([z.array(z.string()), z.record(z.string(), Override)]).optional(),
  })
  .superRefine((entry, context) => {
    const set = (name: string) => isReserved(name) || entry.secrets.includes(name);
    for (const name of Object.keys(entry.env).filter(set)) {
      rule(context, 'SERVER-FIELD', 'is set by the container or by a secret already', 'take it out', ['env', name]);
    }
    for (const [name, value] of Object.entries(entry.env)) {
      const bytes = variableBytes(name, value);
      const found = `takes ${bytes} bytes with its name, and Linux starts nothing with more than ${maxVariableBytes}`;
      if (bytes > maxVariableBytes)
        rule(context, 'SERVER-FIELD', found, 'put it into the image, or let it be fetched', ['env', name]);
    }
    for (const name of Object.values(times)) {
      if (!/^\d+$/.test(entry.env[name] ?? '0'))
        rule(context, 'SERVER-FIELD', 'is not a whole number of seconds', 'write one, or take it out', ['env', name]);
    }
    const { drainSeconds, stopSeconds } = contract;
    const seconds = Number(entry.env[times.drain] ?? drainSeconds) + Number(entry.env[times.stop] ?? stopSeconds);
    if (seconds > drainSeconds + stopSeconds) {
      const found = `makes the worker stop in ${seconds} s, and its pod is given ${drainSeconds + stopSeconds}: calls would be cut`;
      const name = times.drain in entry.env ? times.drain : times.stop;
      rule(context, 'SERVER-FIELD', found, 'write less, or take it out', ['env', name]);
    }
    if (entry.exposure === 'internal' && entry.host !== undefined) {
      rule(context, 'HOST-MISMATCH', 'is given, but the exposure is internal', 'leave one of the two out', ['host']);
    }
  });

export type ServerEntry = z.input<typeof ServerEntry>;

/** Declares a server. It is checked with all the others when the list is read, so that one mistake hides no other. */
export function defineServer(entry: ServerEntry): ServerEntry {
  return entry;
}
