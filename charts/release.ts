import type { Construct } from 'constructs';
import {
  HelmReleaseSpecDriftDetectionMode as DriftDetectionMode,
  HelmRelease,
  HelmReleaseSpecInstallStrategyName as InstallStrategy,
  HelmReleaseSpecChartSpecSourceRefKind as SourceKind,
  HelmReleaseSpecUpgradeStrategyName as UpgradeStrategy,
} from '../imports/helm.toolkit.fluxcd.io';
import type { Platform } from '../model/platform';
import type { Server } from '../model/spec';
import { labelsOf } from './labels';
import { valuesOf } from './st-app-values';

/** The Flux HelmRelease that runs a server through the platform's private chart. */
export class Release extends HelmRelease {
  /** @param secretName the Secret that its pods get their environment from */
  constructor(scope: Construct, id: string, server: Server, secretName: string) {
    const { name, namespace, platform } = server;
    const { chart } = platform;
    // Unreachable: a declaration with st-app is rejected on a platform without a chart.
    if (chart === undefined) throw new Error(`the platform ${platform.name} has no chart`);
    super(scope, id, {
      metadata: {
        name,
        namespace,
        labels: labelsOf(server),
        annotations: { [`${platform.annotationDomain}/spec-sha256`]: server.specSha256 },
      },
      spec: {
        chart: {
          spec: {
            chart: chart.name,
            version: chart.version,
            sourceRef: {
              kind: sourceKinds[chart.source.kind],
              name: chart.source.name,
              namespace: chart.source.namespace,
            },
          },
        },
        // Reports manual changes in the cluster without reverting them.
        driftDetection: {
          mode: DriftDetectionMode.WARN,
          ...(typeof server.replicas === 'number' ? {} : { ignore: [{ paths: ['/spec/replicas'] }] }),
        },
        // Retries forever, instead of stalling once the retries are exhausted.
        install: { strategy: { name: InstallStrategy.RETRY_ON_FAILURE, retryInterval: '5m' } },
        upgrade: { strategy: { name: UpgradeStrategy.RETRY_ON_FAILURE, retryInterval: '5m' } },
        interval: '30m',
        timeout: '5m',
        // Explicit, because Flux would derive a name and uninstall the release when that changes (Flux 2.x).
        releaseName: name,
        values: valuesOf(server, secretName),
      },
    });
  }
}

const sourceKinds = {
  HelmRepository: SourceKind.HELM_REPOSITORY,
  GitRepository: SourceKind.GIT_REPOSITORY,
  Bucket: SourceKind.BUCKET,
} as const satisfies Record<NonNullable<Platform['chart']>['source']['kind'], SourceKind>;
