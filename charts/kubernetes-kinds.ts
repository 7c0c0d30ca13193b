import { quantityForm } from '../model/quantity';
import { closed } from './custom-resources';

/** The members of `api/openapi-spec/swagger.json` of a Kubernetes release (OpenAPI 2.0) that we read. */
export interface KubernetesApi {
  readonly info: { readonly title: string; readonly version: string };
  readonly definitions: Readonly<Record<string, Definition>>;
}

interface Definition {
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** The kinds of the Kubernetes API that we render: `<group>/<version>/<kind>` to definition. */
const kinds = {
  '/v1/Namespace': 'io.k8s.api.core.v1.Namespace',
  '/v1/Service': 'io.k8s.api.core.v1.Service',
  '/v1/ServiceAccount': 'io.k8s.api.core.v1.ServiceAccount',
  '/v1/ConfigMap': 'io.k8s.api.core.v1.ConfigMap',
  'apps/v1/Deployment': 'io.k8s.api.apps.v1.Deployment',
  'autoscaling/v2/HorizontalPodAutoscaler': 'io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler',
  'networking.k8s.io/v1/Ingress': 'io.k8s.api.networking.v1.Ingress',
  'networking.k8s.io/v1/NetworkPolicy': 'io.k8s.api.networking.v1.NetworkPolicy',
  'policy/v1/PodDisruptionBudget': 'io.k8s.api.policy.v1.PodDisruptionBudget',
} as const;

/** The file of definitions in `imports/`. Schemas refer to it by this name. */
export const kubernetesFile = 'kubernetes.json';

/** The schema of every rendered kind: a reference into the file of shared definitions. */
export function kubernetesSchemas(): Readonly<Record<string, object>> {
  const pointers = Object.entries(kinds).map(([key, name]) => [key, { $ref: `${kubernetesFile}${start}${name}` }]);
  return Object.fromEntries(pointers);
}

/** Reduces the API to the rendered kinds, without `status`, and the definitions that they refer to. */
export function pruned({ info: { title, version }, definitions }: KubernetesApi): KubernetesApi {
  const found = new Map<string, Definition>();
  const add = (name: string) => {
    const definition = definitions[name];
    if (definition === undefined) throw new Error(`the API has no definition ${name}`);
    if (found.has(name)) return;
    const isKind = Object.values<string>(kinds).includes(name);
    const { status: _, ...properties } = definition.properties ?? {};
    const kept = isKind ? { ...definition, properties } : definition;
    found.set(name, kept);
    for (const [, next = ''] of JSON.stringify(kept).matchAll(/"#\/definitions\/([^"]+)"/g)) add(next);
  };
  for (const name of Object.values(kinds)) add(name);
  const names = [...found.keys()].sort();
  return {
    info: { title, version },
    definitions: Object.fromEntries(names.map((name) => [name, found.get(name) ?? {}])),
  };
}

/** The definitions as a JSON Schema. OpenAPI declares two of them as plain strings, unlike what the API server accepts. */
export function asSchema({ definitions }: KubernetesApi): object {
  return { $id: kubernetesFile, definitions: closed({ ...definitions, ...corrections }) };
}

const corrections = {
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': { type: ['integer', 'string'] },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': { type: ['string', 'number'], pattern: quantityForm.source },
} as const;

const start = '#/definitions/';
