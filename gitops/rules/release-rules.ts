import { at } from '../../model/json';
import type { Finding, ObjectCheck } from './check';

/** Applies the CEL rules of HelmRelease (helm-controller 1.6.3), and requires an exact chart version. */
export const releaseRules: ObjectCheck = (object) => {
  if (object.kind !== 'HelmRelease') return [];
  const findings: Finding[] = [];
  const refuse = (path: string, found: string, fix: string, code: 'RULE' | 'UNPINNED' = 'RULE') =>
    findings.push({ code, path, found, fix });
  const has = (...path: string[]) => at(object, 'spec', ...path) !== undefined;

  if (has('chart') === has('chartRef')) {
    const found = has('chart') ? 'is set together with spec.chartRef' : 'is missing, and so is spec.chartRef';
    refuse('spec.chart', found, 'write exactly one of the two');
  }
  for (const phase of ['install', 'upgrade']) {
    const name = at(object, 'spec', phase, 'strategy', 'name');
    const mayRetry = phase === 'install' ? name !== 'RemediateOnFailure' : name === 'RetryOnFailure';
    if (mayRetry || !has(phase, 'strategy', 'retryInterval')) continue;
    const path = `spec.${phase}.strategy.retryInterval`;
    refuse(path, 'needs the strategy RetryOnFailure', 'set that strategy, or remove the interval');
  }
  if (has('kubeConfig') && has('kubeConfig', 'secretRef') === has('kubeConfig', 'configMapRef')) {
    refuse('spec.kubeConfig', 'needs exactly one of secretRef and configMapRef', 'write one of the two');
  }
  const version = at(object, 'spec', 'chart', 'spec', 'version');
  if (has('chart') && !(typeof version === 'string' && exactVersion.test(version))) {
    const found = version === undefined ? 'is missing' : `${JSON.stringify(version)} is not an exact version`;
    const fix = "write an exact version such as 2.0.72 in the platform's file";
    refuse('spec.chart.spec.version', found, fix, 'UNPINNED');
  }
  return findings;
};

/** Semantic Versioning 2.0.0, without ranges. */
const exactVersion = /^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
