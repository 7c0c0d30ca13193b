import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contract } from '../worker/contract';
import { hostRule } from './host';
import { isPinned, parseImage } from './image';
import type { Platform } from './platform';
import type { Problem } from './problem';
import { fieldNames, problemsFrom, rule } from './schema-problems';
import { sealedPath } from './sealed';
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
    /**
     * The image to run: repository and an exact tag, a digest, or both. A server with a `tools/` folder may leave the
     * repository out, because it follows from the platform's registry and the server's name: `1.0.1`.
     */
    image: z.string(),
    /** What the server is for, in a sentence for the engine and MCP clients. Only with a `tools/` folder. */
    description: z.string().min(1, 'is empty').optional(),
    /**
     * The version of the tools, which the engine and MCP clients see: three numbers of semver.org. Raised when the tools
     * change. Only with a `tools/` folder.
     */
    version: z
      .string()
      .regex(/^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)$/, 'is not a version of three numbers, such as 1.0.0')
      .optional(),
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
     * @default - st-app where the platform has a chart, plain elsewhere
     */
    runtime: z.enum(['st-app', 'plain']).optional(),
    /**
     * How the kubelet asks whether the server lives: `http` asks the worker's health path, `tcp` opens its port.
     * @default - off with st-app, http with plain
     */
    probes: z.enum(['off', 'tcp', 'http']).optional(),
    /**
     * Environment names that arrive sealed beside the worker secret, which always does; each needs a value in
     * `sealed/<platform>.json`.
     * @default - none
     */
    secrets: z
      .array(environmentName)
      .refine((names) => new Set(names).size === names.length, 'names a secret twice')
      .default([]),
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
  });

export type ServerEntry = z.input<typeof ServerEntry>;

/** One server with its defaults and every name it will be known by. */
export type Server = Readonly<Omit<z.output<typeof ServerEntry>, keyof ReturnType<typeof namesOf>>> &
  ReturnType<typeof namesOf>;

/** Declares a server. It is checked with all the others when the list is read, so that one mistake hides no other. */
export function defineServer(entry: ServerEntry): ServerEntry {
  return entry;
}

/** A declaration with its folder's name → the server, or every problem it has. */
export function serverFrom({ name, entry, tools }: Declaration, platform: Platform): Server | readonly Problem[] {
  const file = `servers/${name}/server.ts`;
  const input = { name, entry, host: textIn(entry, 'host'), image: textIn(entry, 'image') };
  const rules = z.strictObject({
    name: tools === undefined ? nameRule : nameRule.refine((text) => !text.includes('--'), oneDash),
    entry: ServerEntry.superRefine(placesRule(platform, tools)),
    host: hostRule(platform.dns.zone).optional(),
    image: imageRule(name, platform, tools).optional(),
  });
  const parsed = rules.safeParse(input);
  if (!parsed.success)
    return problemsFrom(parsed.error, { file, input, fields: fieldNames(ServerEntry), schema: 'model/spec.ts' });
  const server = parsed.data.entry;
  return { ...server, ...namesOf({ name, entry: server, tools }, platform) };
}

/** One folder of `servers/` as it was found. */
export interface Declaration {
  /** The folder's name; becomes the namespace, the release and the first label of the host. */
  readonly name: string;
  /** The default export of its `server.ts`. */
  readonly entry: unknown;
  /**
   * The names of the files in its `tools/`, without `.ts`.
   * @default - there is no such folder: its image is built elsewhere
   */
  readonly tools?: readonly string[] | undefined;
}

/** The only place where one name is made out of another. */
export function namesOf(
  { name, entry: declared, tools }: Declaration & { readonly entry: z.output<typeof ServerEntry> },
  platform: Platform,
) {
  const { host, exposure, description = '', version = '', ...rest } = declared;
  const image = wholeImage(declared.image, name, platform);
  const runtime = runtimeOf(declared, platform);
  const secrets = [...new Set([contract.env.secret, ...declared.secrets])];
  const isPublic = exposure === 'public';
  const publicHost = host ?? `${name}.${platform.dns.zone}`;
  const internalHost = `${name}.${name}.svc.cluster.local`;
  return {
    name,
    namespace: name,
    image,
    runtime,
    secrets,
    /** What the image of this folder calls itself. Undefined for an image that is built elsewhere. */
    toolkit: tools && { name: toolkitOf(name), version, description, tools },
    isPublic,
    /** The name that callers use: in the zone for a public server, in the cluster for an internal one. */
    host: isPublic ? publicHost : internalHost,
    /** What is registered with the engine, without `/worker`. */
    url: isPublic ? `https://${publicHost}` : `http://${internalHost}:${contract.port}`,
    secretName: `${name}-worker-secret`,
    /** Where its sealed values lie, from the repository's root. */
    sealedFile: sealedPath(name, platform),
    /** Terraform's label for the record. */
    resourceLabel: name.replaceAll('-', '_'),
    source: `servers/${name}/server.ts`,
    specSha256: createHash('sha256')
      .update(JSON.stringify(sorted({ ...rest, host, exposure, image, runtime, secrets })))
      .digest('hex'),
  } as const;
}

const nameRule = z.string().superRefine((name, context) => {
  // 53 is the longest Helm release name (Helm 3 and 4); a letter first, because Services and Terraform labels want one.
  if (name.length > 53) rule(context, 'NAME', `has ${name.length} characters, 53 at most`, 'shorten the folder name');
  if (!/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name)) {
    rule(context, 'NAME', 'is not a letter followed by lower-case letters, digits and -', 'rename the folder');
  }
  // git and the launcher leave out what is called build or dist, wherever it lies.
  if (/^(default|flux-system|kube-.*|build|dist)$/.test(name))
    rule(context, 'NAME', 'is reserved', 'rename the folder');
});

/** The worker takes toolkit names of words joined by single underscores. */
const oneDash = {
  error: 'gives its toolkit a name with two underscores in a row',
  params: { code: 'NAME', fix: 'rename the folder: one dash between words' },
};

/** An image is looked at with the platform beside it: its registry may be left out, and must not be another one. */
function imageRule(name: string, platform: Platform, tools: readonly string[] | undefined) {
  return z.string().superRefine((reference, context) => {
    const image = parseImage(tools === undefined ? reference : wholeImage(reference, name, platform));
    const own = `${platform.registry}/${name}`;
    if (image === undefined) {
      const form = tools === undefined ? 'registry/repository:version' : 'the version alone, such as 1.0.1';
      rule(context, 'SERVER-FIELD', 'is not an image reference', `write ${form}`);
    } else if (!isPinned(image)) {
      const found = image.tag === undefined ? 'has no version' : `has the moving tag "${image.tag}"`;
      rule(context, 'UNPINNED', found, 'end it in an exact version such as :1.0.1, or in a digest @sha256:…');
    } else if (tools !== undefined && image.repository !== own) {
      const fix = `write ${own}:<version> or the version alone; or remove tools/, if the image is built elsewhere`;
      rule(context, 'IMAGE-FOREIGN', `is not "${own}", which the tools/ of this folder are built into`, fix);
    }
  });
}

/** What a declaration may say depends on its folder and its platform. */
function placesRule(platform: Platform, tools: readonly string[] | undefined) {
  const { chart, source } = platform;
  return (entry: z.output<typeof ServerEntry>, context: z.core.$RefinementCtx) => {
    for (const field of ['description', 'version'] as const) {
      const isGiven = entry[field] !== undefined;
      if (isGiven && tools === undefined)
        rule(context, 'UNMAPPED-FIELD', 'describes tools, and there is no tools/ folder', 'take it out', [field]);
      if (!isGiven && tools !== undefined) {
        const fix = field === 'version' ? "write version: '1.0.0'" : 'say in a sentence what the server is for';
        rule(context, 'SERVER-FIELD', 'is missing: a server with a tools/ folder has one', fix, [field]);
      }
    }
    if (entry.runtime === 'st-app' && chart === undefined) {
      const fix = `write runtime: 'plain', or declare the chart in ${source}`;
      rule(context, 'UNMAPPED-FIELD', 'needs a chart, and the platform has none', fix, ['runtime']);
    }
    if (runtimeOf(entry, platform) === 'plain' && Object.keys(entry.values).length > 0) {
      rule(context, 'UNMAPPED-FIELD', 'has no place in the plain runtime', 'take it out, or use st-app', ['values']);
    }
  };
}

/** `1.0.1`, `1.0.1@sha256:…` and `sha256:…` are builds of the server's own repository; anything else is whole. */
function wholeImage(reference: string, name: string, { registry }: Platform): string {
  const own = `${registry}/${name}`;
  if (/^sha256:[0-9a-f]+$/.test(reference)) return `${own}@${reference}`;
  return /^\w[\w.-]*(@.*)?$/.test(reference) ? `${own}:${reference}` : reference;
}

function runtimeOf(
  { runtime }: Pick<z.output<typeof ServerEntry>, 'runtime'>,
  { chart }: Platform,
): 'st-app' | 'plain' {
  return runtime ?? (chart === undefined ? 'plain' : 'st-app');
}

/** The toolkit of a server, in source form: `weather-alerts` is `weather_alerts`. */
function toolkitOf(name: string): string {
  return name.replaceAll('-', '_');
}

function textIn(entry: unknown, field: string): string | undefined {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}
