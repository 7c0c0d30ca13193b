import { type PodTemplateSpec, toJson_PodTemplateSpec } from 'cdk8s-plus-28/lib/imports/k8s';
import { type Destination, mayReach } from '../model/egress';
import { at, isRecord } from '../model/json';
import { podOf, sourcesOf } from '../model/pod';
import { Problem, Problems } from '../model/problem';
import type { Server } from '../model/spec';
import { type Definitions, strategicMerge } from './strategic-merge';

/**
 * The pod template as plain JSON, with the patches of the platform and the server merged in. The typed classes only know
 * the fields of Kubernetes 1.28 and would drop any other.
 * @throws Problems for variables that are set twice, and for needed destinations that the egress blocks
 */
export function patchedPod(server: Server, template: PodTemplateSpec): unknown {
  const { patches } = podOf(server);
  const merged = patches.reduce<unknown>((before, { patch }) => merge(before, patch), toJson_PodTemplateSpec(template));
  const problems = [...patches.flatMap((each) => setTwice(server, each)), ...blocked(server, merged)];
  if (problems.length > 0) throw new Problems(problems);
  return merged;
}

function merge(before: unknown, patch: unknown): unknown {
  // Loaded only for a patch.
  const { definitions } = require('../imports/kubernetes.json') as { definitions: Definitions };
  return strategicMerge(before, patch, definitions, 'io.k8s.api.core.v1.PodTemplateSpec');
}

/** Reports variables that both a patch and the server set. */
function setTwice({ env, secrets }: Server, { file, patch }: { file: string; patch: unknown }): readonly Problem[] {
  const containers = listAt(patch, 'spec', 'containers');
  const names = containers.flatMap((container) => listAt(container, 'env').map((each) => String(at(each, 'name'))));
  return names
    .filter((name) => Object.hasOwn(env, name) || secrets.includes(name))
    .map((name) => {
      const message = `Cannot use pod: it sets the variable ${name}, which env or secrets of the server also set`;
      const path = 'pod.spec.containers.0.env';
      return new Problem('SERVER-FIELD', message, { file, path, fix: 'remove one of the two' });
    });
}

/** Reports destinations that the worker needs but the egress blocks, whatever their names resolve to. */
function blocked(server: Server, template: unknown): readonly Problem[] {
  const { egress } = podOf(server);
  if (egress === undefined) return [];
  const needed = [...calledByWorker(server), ...resolvers(template)];
  return needed
    .filter((each) => !mayReach(egress, each, server.namespace))
    .map(({ host, port, protocol, what }) => {
      const message = `Cannot use egress: it blocks ${host}, port ${port}, which the worker needs for ${what}`;
      const file = sourcesOf(server, 'egress').at(-1);
      const fix = `allow it: a namespace of the cluster, or { cidr: '…', ports: [${protocol === 'UDP' ? `'${port}/UDP'` : port}] }`;
      return new Problem('RULE', message, { file, path: 'egress', fix });
    });
}

type Needed = Destination & { readonly what: string };

/** The key sets of authorization servers, and the endpoint for traces. Calls from the engine are not egress. */
function calledByWorker({ env }: Server): readonly Needed[] {
  const areOff =
    env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || /^(none|console)$/.test(env.OTEL_TRACES_EXPORTER ?? '');
  const spans = areOff ? undefined : (env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT ?? env.OTEL_EXPORTER_OTLP_ENDPOINT);
  return [
    ...keySets(env.MCP_RESOURCE_SERVER_AUTHORIZATION_SERVERS).map((url) => [url, 'checking tokens'] as const),
    ...(spans === undefined ? [] : [[spans, 'its traces'] as const]),
  ].flatMap(([url, what]) => destinationOf(url, what));
}

/** The resolvers of pods that do not use the cluster's DNS, which the policy always admits. */
function resolvers(template: unknown): readonly Needed[] {
  const spec = at(template, 'spec');
  const policy = at(spec, 'dnsPolicy');
  if (policy === 'Default') return [{ host: 'the resolver of the node', port: 53, protocol: 'UDP', what: 'its DNS' }];
  const servers = policy === 'None' ? listAt(spec, 'dnsConfig', 'nameservers') : [];
  return servers.map((server) => ({ host: String(server), port: 53, protocol: 'UDP', what: 'its DNS' }));
}

/** Invalid input gives no URLs: the worker rejects it when it starts. */
function keySets(servers = '[]'): readonly string[] {
  try {
    const list: unknown = JSON.parse(servers);
    return Array.isArray(list) ? list.map((server) => String(at(server, 'jwks_uri'))) : [];
  } catch {
    return [];
  }
}

function destinationOf(text: string, what: string): readonly Needed[] {
  if (!URL.canParse(text)) return [];
  const { hostname, port, protocol } = new URL(text);
  const defaultPort = protocol === 'http:' ? 80 : 443;
  return [{ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort), protocol: 'TCP', what }];
}

function listAt(value: unknown, ...path: readonly string[]): readonly unknown[] {
  const list = isRecord(value) ? at(value, ...path) : undefined;
  return Array.isArray(list) ? list : [];
}
