/**
 * Where servers run: the facts about the cluster, the chart, the zone and the two target repositories. Everything that
 * a server does not say about itself comes from here. Somebody outside ServiceTitan changes this file and nothing else.
 */
export interface Platform {
  /** The word for `app.kubernetes.io/managed-by` and the first line of every generated file. */
  readonly tool: string;
  /** The value of `app.kubernetes.io/part-of`. */
  readonly project: string;
  /** The prefix of our own annotations. */
  readonly annotationDomain: string;
  /** The cluster that Flux reconciles. */
  readonly cluster: string;
  /** The registry that the cluster can pull from. */
  readonly registry: string;
  /** The repository Flux reads, and the folder of its apps reconciliation that holds our servers. */
  readonly gitops: { readonly repository: string; readonly appsPath: string };
  /** The private chart of the `st-app` runtime, with the exact version and the source that serves it. */
  readonly chart: {
    readonly name: string;
    readonly version: string;
    readonly source: {
      readonly kind: 'HelmRepository' | 'GitRepository' | 'Bucket';
      readonly name: string;
      readonly namespace: string;
    };
  };
  /** The ingress controller: its class, the name that public records point to, and the namespace its pods run in. */
  readonly ingress: { readonly className: string; readonly target: string; readonly namespace: string };
  /** The self-hosted Arcade engine that calls the workers. */
  readonly engine: { readonly namespace: string };
  /** The certificate that secrets of this cluster are sealed under, pinned by the SHA-256 of its DER bytes. */
  readonly certificate: SealingCertificate;
  /** Earlier certificates of the cluster whose sealed values are still in use. */
  readonly retiredCertificates: readonly SealingCertificate[];
  readonly dns: {
    /** The public zone that every public host ends in. */
    readonly zone: string;
    readonly repository: string;
    /** The folder of the workspace inside the repository. */
    readonly workspace: string;
    /** The Terraform expression for the zone's id, as the workspace defines it; without `${}`. */
    readonly zoneId: string;
    /** `cloudflare_dns_record` for provider 5, `cloudflare_record` for provider 4. */
    readonly resourceType: 'cloudflare_dns_record' | 'cloudflare_record';
    /**
     * Renders a whole workspace (providers, backend, zone look-up) instead of a fragment that joins an existing one.
     * @default - a fragment
     */
    readonly standAlone?: { readonly backend: { readonly type: string; readonly settings: Record<string, unknown> } };
  };
}

export interface SealingCertificate {
  /** The PEM file, from the repository's root. */
  readonly file: string;
  /** 64 hex digits over the DER bytes. */
  readonly sha256: string;
  /** Ships for the first run: nothing sealed under it may be delivered. */
  readonly isSample: boolean;
}

/** A value that starts so cannot be known from outside the company; it renders, and it is refused on delivery. */
export const unconfirmed = 'confirm-';

export const platform: Platform = {
  tool: 'mcp-servers',
  project: 'mcp-servers',
  annotationDomain: 'mcp.st.dev',
  cluster: 'backstage-wus2-v4',
  registry: 'servicetitandev.azurecr.io',
  gitops: { repository: 'k8s-backstage-v2', appsPath: 'apps/mcp' },
  chart: {
    name: 'st-app',
    version: '2.0.72',
    source: { kind: 'HelmRepository', name: 'confirm-chart-source', namespace: 'confirm-chart-namespace' },
  },
  ingress: { className: 'nginx', target: 'k8s-backstage.st.dev', namespace: 'ingress-nginx' },
  engine: { namespace: 'arcade' },
  certificate: {
    file: 'servers/certificates/sample.pem',
    sha256: '10be5874d50f8191e1e569270cda2c77890cae9602712c8d970d34e69d8eb16f',
    isSample: true,
  },
  retiredCertificates: [],
  dns: {
    zone: 'st.dev',
    repository: 'iac-terraform-workspaces',
    workspace: 'confirm-workspace',
    zoneId: 'local.confirm-zone-id',
    resourceType: 'cloudflare_dns_record',
  },
};
