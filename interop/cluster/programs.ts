import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder } from '../../testing/processes/cache-folder';
import { build, folderOf, recipeOf, type Source } from './build';

const kubernetes = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubectl'] as const;

/** In build order: the largest first; a program that shares packages with another follows it. */
const sources = {
  kube: {
    module: 'kube',
    package: 'kube',
    links: kubernetes,
    // Controllers read the version of the API server. Kubernetes' own build scripts set it with the same flag.
    linker: `-X k8s.io/component-base/version.gitVersion=${versionOf('kube', 'k8s.io/kubernetes')}`,
  },
  etcd: { module: 'kube', package: 'go.etcd.io/etcd/server/v3' },
  'sealed-secrets': {
    module: 'flux',
    library: 'github.com/bitnami/sealed-secrets',
    package: 'github.com/bitnami/sealed-secrets/cmd/controller',
    objects: ['helm/sealed-secrets/crds'],
  },
  kwok: {
    module: 'flux',
    library: 'sigs.k8s.io/kwok',
    package: 'sigs.k8s.io/kwok/cmd/kwok',
    objects: ['node/fast', 'node/heartbeat-with-lease', 'pod/fast'].map((stage) => `kustomize/stage/${stage}`),
  },
  'kustomize-controller': fluxController('kustomize-controller'),
  'source-controller': fluxController('source-controller'),
  'helm-controller': fluxController('helm-controller'),
  flux: {
    module: 'flux',
    library: 'github.com/fluxcd/flux2/v2',
    package: 'github.com/fluxcd/flux2/v2/cmd/flux',
    linker: `-X main.VERSION=${versionOf('flux', 'github.com/fluxcd/flux2/v2').slice(1)}`,
    // Flux's own build embeds the manifests of `flux install` here (2.9.5); the suite does not install with it.
    written: { library: 'github.com/fluxcd/flux2/v2', path: 'cmd/flux/manifests/none.yaml' },
  },
  traefik: {
    module: 'gateway',
    package: 'github.com/traefik/traefik/v3/cmd/traefik',
    linker: `-X github.com/traefik/traefik/v3/pkg/version.Version=${versionOf('gateway', 'github.com/traefik/traefik/v3').slice(1)}`,
    // Drops the client libraries of about 200 DNS providers (3.7.13).
    written: {
      library: 'github.com/go-acme/lego/v5',
      path: 'providers/dns/zz_gen_dns_providers.go',
      from: 'dns/providers.go',
    },
  },
  'gateway-api': definitions('sigs.k8s.io/gateway-api', ['config/crd/standard']),
  'external-secrets': definitions(
    'github.com/external-secrets/external-secrets',
    ['externalsecrets', 'secretstores', 'clustersecretstores'].map(
      (kind) => `config/crds/bases/external-secrets.io_${kind}.yaml`,
    ),
  ),
  keda: definitions('github.com/kedacore/keda/v2', ['config/crd/bases/keda.sh_scaledobjects.yaml']),
  'prometheus-operator': definitions(
    'github.com/prometheus-operator/prometheus-operator',
    ['podmonitors', 'prometheusrules', 'servicemonitors'].map(
      (kind) => `example/prometheus-operator-crd/monitoring.coreos.com_${kind}.yaml`,
    ),
  ),
} as const satisfies Readonly<Record<string, Source>>;

type SourceName = keyof typeof sources;

const compiled = Object.entries<Source>(sources).flatMap(([name, source]) =>
  source.package === undefined ? [] : [name],
);

/** The programs of a cluster and of its users. */
export type ProgramName = Exclude<SourceName, 'kube'> | (typeof kubernetes)[number];

/** The path of each program. */
export type Programs = Readonly<Record<ProgramName, string>>;

/**
 * Builds the missing programs one by one, in the versions that go/*\/go.mod pin: about 35 minutes on two idle cores. After an
 * interruption, the next run resumes at the program it was building.
 * @throws Problem TOOL-MISSING without Go, enough disk space, a writable folder or the Go module proxy
 */
export async function programs(): Promise<Programs> {
  const built: [string, string][] = [];
  for (const name of Object.keys(sources) as SourceName[]) {
    const source: Source = sources[name];
    const folder = await cacheFolder(name, recipeOf(source), (empty) =>
      build(source, { name, place: compiled.indexOf(name) + 1, of: compiled.length, folder: empty }),
    );
    for (const link of source.links ?? [name]) built.push([link, join(folder, link)]);
  }
  // The names above are the keys.
  return Object.fromEntries(built) as Programs;
}

function fluxController<N extends string>(name: N) {
  const library = `github.com/fluxcd/${name}` as const;
  return { module: 'flux', library, package: library, objects: ['config/crd/bases'] } as const;
}

/** Only the custom resource definitions of a project whose controller does not run here. */
function definitions(library: string, objects: readonly string[]) {
  return { module: 'definitions', library, objects } as const;
}

/** The YAML files of the objects that a program needs in a cluster. */
export function objectsOf(program: string): readonly string[] {
  const folder = join(dirname(program), 'objects');
  return readdirSync(folder).map((name) => join(folder, name));
}

/** The version of a library in a go.mod. */
function versionOf(module: Source['module'], library: string): string {
  const lines = readFileSync(join(folderOf(module), 'go.mod'), 'utf8').split('\n');
  const version = lines.map((line) => line.trim().split(' ')).find(([name]) => name === library)?.[1];
  if (version === undefined) throw new Error(`go.mod of ${module} does not require ${library}`);
  return version;
}
