import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contract } from '../worker/contract';
import { distinctProblems } from './distinct-problems';
import { recordRule } from './dns';
import { hostRule } from './host';
import { imageRule, wholeImage } from './image';
import { callsRule, exportsMetrics } from './monitoring';
import { placementsOf } from './placement';
import type { Platform } from './platform';
import type { Problem } from './problem';
import { problemsFrom, rule } from './schema-problems';
import { sealedPath } from './sealed';
import { storeRule } from './secret-store';
import { ServerEntry } from './server-entry';
import { nameRule, toolkitNameRule } from './server-name';
import { sorted } from './sorted';
import { activeWay } from './ways';

/** One server on one platform, with defaults and all derived names. */
export type Server = Readonly<Omit<z.output<typeof ServerEntry>, keyof ReturnType<typeof namesOf> | 'platforms'>> &
  ReturnType<typeof namesOf>;

/** Validates a declaration: returns the server on each of its platforms, and all problems. */
export function serversFrom(declaration: Declaration, platforms: readonly Platform[]): ServerList {
  const { placements, problems } = placementsOf(declaration.entry, platforms, sourceOf(declaration));
  const results = placements.map(({ platform, entry, pathOf }) => {
    const result = serverFrom({ ...declaration, entry }, platform, platforms);
    return 'name' in result ? result : result.map((problem) => problem.at(pathOf(problem.path ?? '')));
  });
  return {
    servers: results.filter((result): result is Server => 'name' in result),
    problems: distinctProblems([...problems, ...results.flatMap((result) => ('name' in result ? [] : result))]),
  };
}

/** The valid servers, one per platform that each runs on, and all problems. */
export interface ServerList {
  readonly servers: readonly Server[];
  readonly problems: readonly Problem[];
}

/** Validates a declaration for one platform: returns the server there, or all its problems. */
function serverFrom(
  declaration: Declaration,
  platform: Platform,
  platforms: readonly Platform[],
): Server | readonly Problem[] {
  const { name, entry, tools } = declaration;
  // Rules that depend on the folder and the platform are checked separately, so that an invalid field does not hide them.
  const [host, image] = [hostIn(entry, name, platform), textIn(entry, 'image')];
  const input = { name, entry, fields: entry, host, image, record: Object(entry).record };
  const rules = z.strictObject({
    name: (tools === undefined ? nameRule : toolkitNameRule)(platform),
    entry: ServerEntry,
    fields: fieldsRule(name, platform, tools),
    host: hostRule(platform, platforms).optional(),
    image: imageRule(name, platform, tools).optional(),
    record: recordRule(entry, identifierOf(name), platform),
  });
  // The rules are used once, so compiling them would cost more than it saves.
  const parsed = rules.safeParse(input, { jitless: true });
  if (!parsed.success)
    return problemsFrom(parsed.error, {
      file: sourceOf(declaration),
      input,
      shape: ServerEntry,
      schema: 'model/server-entry.ts',
    });
  const { platforms: _, ...server } = parsed.data.entry;
  return { ...server, ...namesOf({ name, entry: server, tools }, platform) };
}

function sourceOf({ name }: Pick<Declaration, 'name'>): string {
  return `servers/${name}/server.ts`;
}

/** One folder of `servers/`, not validated. */
export interface Declaration {
  /** The folder's name; becomes the namespace, the release and the first label of the host. */
  readonly name: string;
  /** The default export of its `server.ts`. */
  readonly entry: unknown;
  /**
   * The names of the files in its `tools/`, without `.ts`.
   * @default - no `tools/`: the image is built elsewhere
   */
  readonly tools?: readonly string[] | undefined;
}

/** Derives all names of a server, except that of its Secret, which also depends on its values: `secretNameOf`. */
function namesOf(
  { name, entry: declared, tools }: Declaration & { readonly entry: Omit<z.output<typeof ServerEntry>, 'platforms'> },
  platform: Platform,
) {
  const { host, exposure, description = '', version = '', ...rest } = declared;
  const image = wholeImage(declared.image, name, platform);
  const runtime = declared.runtime ?? defaultRuntime(platform);
  const secrets = [...new Set([contract.env.secret, ...declared.secrets])];
  const isPublic = exposure === 'public';
  const publicHost = host ?? defaultHost(name, platform);
  const internalHost = `${name}.${name}.svc.cluster.local`;
  const servicePort = (runtime === 'st-app' ? platform.chart?.servicePort : undefined) ?? contract.port;
  return {
    name,
    platform,
    namespace: name,
    image,
    runtime,
    secrets,
    /** The toolkit of the image. Undefined if the image is built elsewhere. */
    toolkit: tools && { name: identifierOf(name), version, description, tools },
    /** The longest timeout of its tools, their retries, and whether one asks a person; defaults until the tools are loaded. */
    call: {
      timeoutSeconds: contract.call.timeoutSeconds as number,
      retries: contract.call.retries as number,
      asks: false as boolean,
    },
    isPublic,
    /** The host that callers use: in the zone if public, otherwise inside the cluster. */
    host: isPublic ? publicHost : internalHost,
    /** The port of its Service, which has the server's name in both runtimes. */
    servicePort,
    /** The URL to register with the engine, without `/worker`. */
    url: isPublic ? `https://${publicHost}` : `http://${internalHost}:${servicePort}`,
    /** How its metrics are scraped. Undefined if the platform has no monitoring, or the server may have no metrics. */
    monitoring: exportsMetrics(runtime, tools !== undefined) ? platform.monitoring : undefined,
    /** The folder of its manifests in `dist/`. */
    manifests: `${platform.gitops.repository}/${platform.gitops.appsPath}/${name}`,
    /** Its sealed file, relative to the repository's root. */
    sealedFile: sealedPath(name, platform),
    /** Terraform's label for the record. */
    resourceLabel: identifierOf(name),
    source: sourceOf({ name }),
    specSha256: createHash('sha256')
      .update(JSON.stringify(sorted({ ...rest, host, exposure, image, runtime, secrets })))
      .digest('hex'),
  } as const;
}

/** Rules that depend on the server's folder and its platform. */
function fieldsRule(name: string, platform: Platform, tools: readonly string[] | undefined) {
  const { chart, source } = platform;
  return z.unknown().superRefine((value, context) => {
    const entry: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
    for (const field of ['description', 'version'] as const) {
      const isGiven = entry[field] !== undefined;
      if (isGiven && tools === undefined)
        rule(context, 'UNMAPPED-FIELD', 'describes tools, but there is no tools/ folder', 'remove it', [field]);
      if (!isGiven && tools !== undefined) {
        const fix = field === 'version' ? "write version: '1.0.0'" : 'write the purpose of the server in one sentence';
        rule(context, 'SERVER-FIELD', 'is missing: a server with a tools/ folder requires it', fix, [field]);
      }
    }
    storeRule(name, entry, platform, context);
    const { runtime, values = {} } = entry;
    if (entry.exposure !== 'internal' && activeWay(platform) === undefined) {
      const fix = `declare an ingress or a Gateway in ways of ${source}, or write exposure: 'internal'`;
      rule(context, 'SERVER-FIELD', 'is public, but the platform has no way in', fix, ['exposure']);
    }
    if (runtime === 'st-app' && chart === undefined) {
      const fix = `write runtime: 'plain', or declare the chart in ${source}`;
      rule(context, 'UNMAPPED-FIELD', 'needs a chart, but the platform has none', fix, ['runtime']);
    }
    const shape = { runtime: runtime ?? defaultRuntime(platform), isOurs: tools !== undefined };
    callsRule(entry.replicas, shape, platform, context);
    if (shape.runtime === 'plain' && Object.keys(Object(values)).length > 0) {
      rule(context, 'UNMAPPED-FIELD', 'is not supported by the plain runtime', 'remove it, or use st-app', ['values']);
    }
  });
}

function defaultRuntime({ chart }: Platform): 'st-app' | 'plain' {
  return chart === undefined ? 'plain' : 'st-app';
}

/** The identifier of a server, for its toolkit and its Terraform record: `weather-alerts` becomes `weather_alerts`. */
function identifierOf(name: string): string {
  return name.replaceAll('-', '_');
}

/** The declared host, or the default one of a public server with a valid name. */
function hostIn(entry: unknown, name: string, platform: Platform): string | undefined {
  const hasDefault = textIn(entry, 'exposure') !== 'internal' && nameRule(platform).safeParse(name).success;
  return textIn(entry, 'host') ?? (hasDefault ? defaultHost(name, platform) : undefined);
}

function defaultHost(name: string, { dns }: Platform): string {
  return `${name}.${dns.zone}`;
}

function textIn(entry: unknown, field: string): string | undefined {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}
