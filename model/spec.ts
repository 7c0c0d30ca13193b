import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contract } from '../worker/contract';
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
import { toldOnce } from './told-once';
import { activeWay } from './ways';

/** One server on one platform, with its defaults and every name it will be known by there. */
export type Server = Readonly<Omit<z.output<typeof ServerEntry>, keyof ReturnType<typeof namesOf> | 'platforms'>> &
  ReturnType<typeof namesOf>;

/** A declaration with its folder's name → the server on each platform that it runs on, and every problem it has. */
export function serversFrom(declaration: Declaration, platforms: readonly Platform[]): ServerList {
  const { placements, problems } = placementsOf(declaration.entry, platforms, sourceOf(declaration));
  const results = placements.map(({ platform, entry, pathOf }) => {
    const result = serverFrom({ ...declaration, entry }, platform, platforms);
    return 'name' in result ? result : result.map((problem) => problem.at(pathOf(problem.path ?? '')));
  });
  return {
    servers: results.filter((result): result is Server => 'name' in result),
    problems: toldOnce([...problems, ...results.flatMap((result) => ('name' in result ? [] : result))]),
  };
}

/** What is declared, with everything that is wrong with it: one server for each platform that it runs on. */
export interface ServerList {
  readonly servers: readonly Server[];
  readonly problems: readonly Problem[];
}

/** A declaration as it holds on one platform → the server there, or every problem it has. */
function serverFrom(
  declaration: Declaration,
  platform: Platform,
  platforms: readonly Platform[],
): Server | readonly Problem[] {
  const { name, entry, tools } = declaration;
  // What depends on the folder and the platform is looked at apart, so that a wrong field hides none of it.
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
  // Made for one server: to compile them takes longer than to use them once.
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

/** The only place where one name is made out of another; the Secret's follows from its values too: `secretNameOf`. */
function namesOf(
  { name, entry: declared, tools }: Declaration & { readonly entry: Omit<z.output<typeof ServerEntry>, 'platforms'> },
  platform: Platform,
) {
  const { host, exposure, description = '', version = '', ...rest } = declared;
  const image = wholeImage(declared.image, name, platform);
  const runtime = declared.runtime ?? usualRuntime(platform);
  const secrets = [...new Set([contract.env.secret, ...declared.secrets])];
  const isPublic = exposure === 'public';
  const publicHost = host ?? usualHost(name, platform);
  const internalHost = `${name}.${name}.svc.cluster.local`;
  const servicePort = (runtime === 'st-app' ? platform.chart?.servicePort : undefined) ?? contract.port;
  return {
    name,
    platform,
    namespace: name,
    image,
    runtime,
    secrets,
    /** What the image of this folder calls itself. Undefined for an image that is built elsewhere. */
    toolkit: tools && { name: identifierOf(name), version, description, tools },
    /** The longest time of its tools, and how often each may be tried again; the usual, until they have been loaded. */
    call: {
      timeoutSeconds: contract.call.timeoutSeconds as number,
      retries: contract.call.retries as number,
      asks: false as boolean,
    },
    isPublic,
    /** The name that callers use: in the zone for a public server, in the cluster for an internal one. */
    host: isPublic ? publicHost : internalHost,
    /** The port of its Service, which is called like the server in both runtimes. */
    servicePort,
    /** What is registered with the engine, without `/worker`. */
    url: isPublic ? `https://${publicHost}` : `http://${internalHost}:${servicePort}`,
    /** Who reads its metrics. Undefined: nobody, or they are not known to be there to read. */
    monitoring: exportsMetrics(runtime, tools !== undefined) ? platform.monitoring : undefined,
    /** The folder of its manifests in `dist/`. */
    manifests: `${platform.gitops.repository}/${platform.gitops.appsPath}/${name}`,
    /** Where its sealed values lie, from the repository's root. */
    sealedFile: sealedPath(name, platform),
    /** Terraform's label for the record. */
    resourceLabel: identifierOf(name),
    source: sourceOf({ name }),
    specSha256: createHash('sha256')
      .update(JSON.stringify(sorted({ ...rest, host, exposure, image, runtime, secrets })))
      .digest('hex'),
  } as const;
}

/** What a declaration may say depends on its folder and its platform. */
function fieldsRule(name: string, platform: Platform, tools: readonly string[] | undefined) {
  const { chart, source } = platform;
  return z.unknown().superRefine((value, context) => {
    const entry: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {};
    for (const field of ['description', 'version'] as const) {
      const isGiven = entry[field] !== undefined;
      if (isGiven && tools === undefined)
        rule(context, 'UNMAPPED-FIELD', 'describes tools, and there is no tools/ folder', 'take it out', [field]);
      if (!isGiven && tools !== undefined) {
        const fix = field === 'version' ? "write version: '1.0.0'" : 'say in a sentence what the server is for';
        rule(context, 'SERVER-FIELD', 'is missing: a server with a tools/ folder has one', fix, [field]);
      }
    }
    storeRule(name, entry, platform, context);
    const { runtime, values = {} } = entry;
    if (entry.exposure !== 'internal' && activeWay(platform) === undefined) {
      const fix = `declare an ingress or a Gateway in ways of ${source}, or write exposure: 'internal'`;
      rule(context, 'SERVER-FIELD', 'is public, and the platform has no way in', fix, ['exposure']);
    }
    if (runtime === 'st-app' && chart === undefined) {
      const fix = `write runtime: 'plain', or declare the chart in ${source}`;
      rule(context, 'UNMAPPED-FIELD', 'needs a chart, and the platform has none', fix, ['runtime']);
    }
    const shape = { runtime: runtime ?? usualRuntime(platform), isOurs: tools !== undefined };
    callsRule(entry.replicas, shape, platform, context);
    if (shape.runtime === 'plain' && Object.keys(Object(values)).length > 0) {
      rule(context, 'UNMAPPED-FIELD', 'has no place in the plain runtime', 'take it out, or use st-app', ['values']);
    }
  });
}

function usualRuntime({ chart }: Platform): 'st-app' | 'plain' {
  return chart === undefined ? 'plain' : 'st-app';
}

/** A server as an identifier, for its toolkit in source form and its record in Terraform: `weather-alerts` is `weather_alerts`. */
function identifierOf(name: string): string {
  return name.replaceAll('-', '_');
}

/** The host of a public server, the usual one included, unless its name makes none. */
function hostIn(entry: unknown, name: string, platform: Platform): string | undefined {
  const isUsual = textIn(entry, 'exposure') !== 'internal' && nameRule(platform).safeParse(name).success;
  return textIn(entry, 'host') ?? (isUsual ? usualHost(name, platform) : undefined);
}

function usualHost(name: string, { dns }: Platform): string {
  return `${name}.${dns.zone}`;
}

function textIn(entry: unknown, field: string): string | undefined {
  const value: unknown = typeof entry === 'object' && entry !== null ? Reflect.get(entry, field) : undefined;
  return typeof value === 'string' ? value : undefined;
}
