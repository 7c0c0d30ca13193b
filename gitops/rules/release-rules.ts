import type { Problem } from '../../model/problem';
import { at, type ObjectCheck, objectProblem } from './check';

/** What the definition of a HelmRelease says in CEL (helm-controller 1.6.3), and an exact chart version. */
export const releaseRules: ObjectCheck = (object, file) => {
  if (object.kind !== 'HelmRelease') return [];
  const problems: Problem[] = [];
  const refuse = (code: 'RULE' | 'UNPINNED', path: string, found: string, fix: string) =>
    problems.push(objectProblem(code, { object, file, path }, found, fix));
  const has = (...path: string[]) => at(object, 'spec', ...path) !== undefined;

  if (has('chart') === has('chartRef')) {
    const found = has('chart') ? 'stands beside spec.chartRef' : 'is missing, and so is spec.chartRef';
    refuse('RULE', 'spec.chart', found, 'write exactly one of the two');
  }
  for (const [phase, mayRetry] of [
    ['install', (name: unknown) => name !== 'RemediateOnFailure'],
    ['upgrade', (name: unknown) => name === 'RetryOnFailure'],
  ] as const) {
    if (has(phase, 'strategy', 'retryInterval') && !mayRetry(at(object, 'spec', phase, 'strategy', 'name'))) {
      const path = `spec.${phase}.strategy.retryInterval`;
      refuse('RULE', path, 'needs the strategy RetryOnFailure', 'name that strategy, or take the interval out');
    }
  }
  if (has('kubeConfig') && has('kubeConfig', 'secretRef') === has('kubeConfig', 'configMapRef')) {
    refuse('RULE', 'spec.kubeConfig', 'needs exactly one of secretRef and configMapRef', 'write one of the two');
  }

  const version = at(object, 'spec', 'chart', 'spec', 'version');
  if (has('chart') && !(typeof version === 'string' && exactVersion.test(version))) {
    const found = version === undefined ? 'is missing' : `${JSON.stringify(version)} moves`;
    refuse(
      'UNPINNED',
      'spec.chart.spec.version',
      found,
      'write an exact version such as 2.0.72 in the file of the platform',
    );
  }
  return problems;
};

/** Semantic Versioning 2.0.0, without ranges. */
const exactVersion = /^v?\d+\.\d+\.\d+(-[\w.-]+)?(\+[\w.-]+)?$/;
