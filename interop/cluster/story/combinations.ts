import { type Manifest, render } from '../../../charts/render';
import { type Platform, platformFrom } from '../../../model/platform';
import type { ServerEntry } from '../../../model/server-entry';
import { externalSecrets, testPlatform, testSealed, testServer, testWays, toolServer } from '../../../testing/fixtures';

const { ingress, gateway } = testWays;

/** Every way to route callers, and every place for secrets, that a platform can declare. */
const ways = { ingress: { ingress }, gateway: { gateway }, both: { ingress, gateway, active: 'gateway' } } as const;
const secrets = { sealed: { kind: 'sealed' }, external: externalSecrets, existing: { kind: 'existing' } } as const;

/** The Prometheus that scrapes metrics. */
const monitoring = { namespace: 'monitoring', labels: { release: 'kube-prometheus-stack' } };

/** Every field of a pod that a server can declare. */
const pods = {
  serviceAccount: { annotations: { 'azure.workload.identity/client-id': '00000000-0000-0000-0000-000000000000' } },
  imagePullSecrets: ['pull'],
  podLabels: { 'azure.workload.identity/use': 'true' },
  podAnnotations: { 'example.com/contact': 'infra' },
  nodeSelector: { 'kubernetes.io/os': 'linux' },
  tolerations: [{ key: 'spot', operator: 'Exists', effect: 'NoSchedule' }],
  priorityClass: 'important',
  volumes: [
    { name: 'keys', mountPath: '/var/lib/keys', secret: 'keys' },
    { name: 'settings', mountPath: '/var/lib/settings', configMap: 'settings' },
    { name: 'cache', mountPath: '/var/lib/cache', emptyDir: '256Mi' },
  ],
  egress: [
    { namespace: 'databases', ports: [5432] },
    { cidr: '203.0.113.0/24', ports: ['443', '8000-8100/TCP'] },
  ],
  pod: { spec: { hostAliases: [{ ip: '203.0.113.7', hostnames: ['old.example.com'] }] } },
} satisfies Partial<ServerEntry>;

/** Plain servers, whose image is built from their tools, and one with the chart, which supports fewer pod fields. */
const shapes: Readonly<Record<string, Partial<ServerEntry>>> = {
  public: { runtime: 'plain', ...pods },
  internal: { runtime: 'plain', exposure: 'internal', ...pods },
  range: { runtime: 'plain', replicas: { min: 2, max: 4 }, ...pods },
  calls: { runtime: 'plain', replicas: { min: 2, max: 4, on: 'calls' }, ...pods },
  probed: { runtime: 'plain', probes: 'tcp', replicas: 3, secrets: ['API_KEY'], ...pods },
  chart: { secrets: ['API_KEY'] },
};

/** The rendered objects for each combination of ways and secrets. */
export const combinations: readonly (readonly [title: string, objects: readonly Manifest[]])[] = Object.keys(
  ways,
).flatMap((way) =>
  Object.keys(secrets).map((store) => {
    const platform = platformOf({
      ways: ways[way as keyof typeof ways],
      secrets: secrets[store as keyof typeof secrets],
    });
    const objects = Object.entries(shapes).flatMap(([shape, fields]) => {
      const name = `combined-${shape}`;
      const server = shape === 'chart' ? testServer(fields, name, platform) : toolServer(fields, platform, name);
      const sealed = store === 'sealed' ? testSealed(server) : new Map();
      return render(server, sealed).flatMap((file) => file.objects);
    });
    return [`${way}, ${store}`, objects] as const;
  }),
);

/** The test platform with other ways and secrets. @throws Error when it is invalid */
function platformOf(fields: { readonly ways: object; readonly secrets: { readonly kind: string } }): Platform {
  const { name, source: _, flag: __, certificate, ...entry } = testPlatform;
  const pinned = fields.secrets.kind === 'sealed' ? { certificate } : {};
  const platform = platformFrom(name, { ...entry, ...pinned, monitoring, ...fields });
  if ('name' in platform) return platform;
  throw new Error(platform.map(({ message }) => message).join('\n'));
}
