import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../cli/root';
import { repository } from '../../../testing/temp-repository';
import type { Cluster } from '../cluster';

/** The chart of a HelmRelease and its source. */
export interface ChartReference {
  readonly chart: string;
  readonly version: string;
  readonly sourceRef: { readonly kind: string; readonly name: string; readonly namespace: string };
}

/** Publishes the suite's chart as the one that releases reference, in a Helm repository on the loopback address. */
export async function publishChart(cluster: Cluster, { chart, version, sourceRef }: ChartReference) {
  const archive = `${chart}-${version}.tgz`;
  const folder = join(root, 'interop/cluster/chart');
  const files = [
    'Chart.yaml',
    'values.yaml',
    ...readdirSync(join(folder, 'templates')).map((name) => `templates/${name}`),
  ];
  const texts = files.map((file) => [file, readFileSync(join(folder, file), 'utf8')]);
  const packed = repository(Object.fromEntries(texts));
  const output = join(cluster.plane.folder, 'charts', archive);
  packed.git('archive', '--format=tar.gz', `--prefix=${chart}/`, `--output=${output}`, 'HEAD^{tree}');
  const entry = { apiVersion: 'v2', name: chart, version, urls: [archive] };
  const index = { apiVersion: 'v1', entries: { [chart]: [entry] } };
  writeFileSync(join(cluster.plane.folder, 'charts/index.yaml'), JSON.stringify(index));
  const { kind, name, namespace } = sourceRef;
  await cluster.apply([
    {
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind,
      metadata: { name, namespace },
      spec: { interval: '10m', url: `${cluster.plane.web}/charts` },
    },
  ]);
}
