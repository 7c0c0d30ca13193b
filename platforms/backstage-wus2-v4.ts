import { definePlatform } from '#platform';

export default definePlatform({
  tool: 'mcp-servers',
  project: 'mcp-servers',
  annotationDomain: 'mcp.st.dev',
  registry: 'servicetitandev.azurecr.io',
  gitops: { repository: 'k8s-backstage-v2', appsPath: 'apps/mcp' },
  chart: {
    name: 'st-app',
    version: '2.0.72',
    source: { kind: 'HelmRepository', name: 'confirm-chart-source', namespace: 'confirm-chart-namespace' },
  },
  ways: { ingress: { className: 'nginx', address: 'k8s-backstage.st.dev', namespace: 'ingress-nginx' } },
  engine: { namespace: 'arcade' },
  certificate: {
    file: 'platforms/certificates/sample.pem',
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
});
