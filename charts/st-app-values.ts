import { z } from 'zod';
import { annotationsRule } from '../model/fields';
import { parseImage } from '../model/image';
import { isRecord } from '../model/json';
import { podFieldNames, podOf, sourcesOf } from '../model/pod';
import { Problem, Problems } from '../model/problem';
import { resourcesRule } from '../model/quantity';
import { problemsFrom } from '../model/schema-problems';
import type { Server } from '../model/spec';
import { literal, type UnsafePart, unsafeParts } from '../model/yaml-safe';
import { contract } from '../worker/contract';
import { decidedElsewhere } from './decided-elsewhere';
import { environmentOf } from './environment';
import { ingressAnnotations } from './ingress';
import { proxyTimeouts } from './proxy-timeouts';

const annotations = z.record(z.string(), z.string()).superRefine(annotationsRule);

const times = z.int().min(1).optional();
const probeValues = z.looseObject({
  enabled: z.boolean(),
  initialDelaySeconds: z.int().min(0).optional(),
  periodSeconds: times,
  timeoutSeconds: times,
  failureThreshold: times,
  successThreshold: times,
});

/**
 * The known values of the private chart `st-app` 2.0.72, and the only place to correct if it nests a key differently.
 * Confirmed by its users: a pinned image, `service.internalPort`, `ingress.enabled` with a host and a class,
 * `oAuth.enabled`, `envFrom`, probes that can be disabled. Assumed, because we have not read the chart: the nesting of `image`
 * and `ingress`, `env`, `replicaCount`, `autoscaling`, `resources` and the probes.
 * An unknown key is rejected, because Helm silently ignores a typo.
 */
const Values = z.strictObject({
  autoscaling: z
    .strictObject({
      enabled: z.boolean(),
      minReplicas: z.int(),
      maxReplicas: z.int(),
      targetCPUUtilizationPercentage: z.int().min(1).max(100),
    })
    .optional(),
  env: z.array(z.strictObject({ name: z.string(), value: z.string() })),
  envFrom: z.array(z.strictObject({ secretRef: z.strictObject({ name: z.string() }) })),
  image: z.strictObject({
    repository: z.string(),
    tag: z.string(),
    pullPolicy: z.enum(['Always', 'IfNotPresent', 'Never']).optional(),
  }),
  ingress: z.strictObject({
    enabled: z.boolean(),
    className: z.string().optional(),
    hosts: z.array(z.string()).optional(),
    annotations: annotations.optional(),
  }),
  livenessProbe: probeValues,
  readinessProbe: probeValues,
  oAuth: z.strictObject({ enabled: z.boolean() }),
  podAnnotations: annotations.optional(),
  replicaCount: z.int().optional(),
  resources: z
    .strictObject({
      requests: z.record(z.string(), z.string().optional()).optional(),
      limits: z.record(z.string(), z.string().optional()).optional(),
    })
    .superRefine((resources, context) => resourcesRule(resources, context)),
  service: z.strictObject({ internalPort: z.int() }),
});

export type StAppValues = z.output<typeof Values>;

/**
 * The chart's values for a server: those derived from the declaration, merged with its extra `values`.
 * @param secretName the Secret that its pods get their environment from
 * @throws Problems UNKNOWN-VALUE, NULL-VALUE, BAD-VALUE, SUBSTITUTION or UNMAPPED-FIELD; SERVER-FIELD for what another
 *   field decides; all together
 */
export function valuesOf(server: Server, secretName: string): StAppValues {
  const unsafeValues = unsafeParts(server.values, 'values').map(asProblem(server));
  const problems = [...unmapped(server), ...unmappedPod(server), ...unsafeValues];
  if (problems.length > 0) throw new Problems(problems);
  const own = declared(server, secretName);
  const input = merged(own, literal(server.values));
  const { success, data, error } = Values.safeParse(input);
  const invalid = success
    ? []
    : problemsFrom(error, {
        file: server.source,
        root: 'values',
        schema: 'charts/st-app-values.ts',
        input,
        shape: Values,
        code: 'UNKNOWN-VALUE',
      });
  // One problem per value: an invalid one need not be reported as decided elsewhere.
  const reported = new Set(invalid.map(({ path }) => path));
  const decided = decidedElsewhere(server, own).filter(({ path }) => !reported.has(path));
  if (!success || decided.length > 0) throw new Problems([...invalid, ...decided]);
  return data;
}

/** Maps a declaration to the chart's keys. */
function declared(server: Server, secretName: string) {
  const { repository = '', tag = '' } = parseImage(server.image) ?? {};
  const { replicas } = server;
  const { podAnnotations } = podOf(server);
  return {
    ...(typeof replicas === 'number'
      ? { replicaCount: replicas }
      : {
          autoscaling: {
            enabled: true,
            minReplicas: replicas.min,
            maxReplicas: replicas.max,
            targetCPUUtilizationPercentage: 75,
          },
        }),
    env: environmentOf(server),
    envFrom: [{ secretRef: { name: secretName } }],
    image: { repository, tag },
    ingress: ingressOf(server),
    livenessProbe: probe(server),
    readinessProbe: probe(server),
    // A login wall would answer the engine and MCP clients with an HTML page.
    oAuth: { enabled: false },
    ...(Object.keys(podAnnotations).length > 0 ? { podAnnotations } : {}),
    resources: server.resources,
    service: { internalPort: contract.port },
  } satisfies StAppValues;
}

function ingressOf(server: Server): StAppValues['ingress'] {
  const { isPublic, host, platform, call } = server;
  const { ingress } = platform.ways;
  if (!isPublic || ingress === undefined) return { enabled: false };
  // nginx waits for 60 s by default, which covers the default timeout of tools.
  const defaults = call.asks || call.timeoutSeconds > contract.call.timeoutSeconds ? proxyTimeouts(server) : {};
  const annotations = ingressAnnotations(server, ingress, defaults);
  const isAnnotated = Object.keys(annotations).length > 0;
  return { enabled: true, className: ingress.className, hosts: [host], ...(isAnnotated && { annotations }) };
}

function probe({ probes = 'off' }: Server) {
  const port = contract.port;
  if (probes === 'off') return { enabled: false };
  return {
    enabled: true,
    ...(probes === 'tcp' ? { tcpSocket: { port } } : { httpGet: { path: contract.paths.health, port } }),
  };
}

/** Declared fields that this chart cannot express. */
function unmapped({ image, isPublic, platform, source: file }: Server): readonly Problem[] {
  const problems: Problem[] = [];
  if (parseImage(image)?.digest !== undefined) {
    const message = `Cannot use image "${image}": the chart st-app is not known to support digests`;
    const fix = 'use an exact tag, or the plain runtime';
    problems.push(new Problem('UNMAPPED-FIELD', message, { file, path: 'image', fix }));
  }
  if (isPublic && platform.ways.ingress?.clusterIssuer !== undefined) {
    const path = 'ways.ingress.clusterIssuer';
    const message = `Cannot use ${path}: the chart st-app is not known to support the name of a certificate's Secret`;
    const fix = `use the plain runtime in ${file}, or leave the certificate to the controller`;
    problems.push(new Problem('UNMAPPED-FIELD', message, { file: platform.source, path, fix }));
  }
  return problems;
}

/** Fields of pods that this chart cannot express. Its pods have no network policy either. */
function unmappedPod(server: Server): readonly Problem[] {
  return podFieldNames
    .filter((path) => path !== 'podAnnotations')
    .flatMap((path) => sourcesOf(server, path).map((file) => ({ path, file })))
    .map(({ path, file }) => {
      const message = `Cannot use ${path}: the chart st-app is not known to support it`;
      const fix = 'set it only on servers of the plain runtime, or switch every affected server to that runtime';
      return new Problem('UNMAPPED-FIELD', message, { file, path, fix });
    });
}

const asProblem =
  ({ source }: Server) =>
  ({ code, path, found, fix }: UnsafePart) =>
    new Problem(code, `Cannot use ${path}: ${found}`, { file: source, path, fix });

/** Merges objects recursively; any other value is replaced by `over`. */
function merged(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]));
}
