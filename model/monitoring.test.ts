import { monitoredPlatform } from '../testing/fixtures';
import { prometheusAddress } from './monitoring';
import { platformFrom } from './platform';

const { monitoring: _, name, source, flag, ...entry } = monitoredPlatform;

function problemsOf(monitoring: object) {
  const platform = platformFrom('test-cluster', { ...entry, monitoring });
  return 'name' in platform ? [] : platform;
}

test.each([
  [{ labels: {} }, 'PLATFORM-FIELD', 'monitoring.namespace'],
  [{ namespace: 'Monitoring' }, 'PLATFORM-FIELD', 'monitoring.namespace'],
  [{ namespace: 'monitoring', label: {} }, 'PLATFORM-FIELD', 'monitoring.label'],
  [{ namespace: 'monitoring', labels: { 'a b': 'c' } }, 'BAD-VALUE', 'monitoring.labels.a b'],
  [{ namespace: 'monitoring', labels: { a: '$' + '{b}' } }, 'BAD-VALUE', 'monitoring.labels.a'],
  [{ namespace: 'monitoring', labels: { team: 'sre' } }, 'PLATFORM-FIELD', 'monitoring.labels.team'],
  [{ namespace: 'monitoring', address: 'prometheus:9090' }, 'PLATFORM-FIELD', 'monitoring.address'],
  [{ namespace: 'monitoring', address: 'http://a/$' + '{b}' }, 'PLATFORM-FIELD', 'monitoring.address'],
  [{ namespace: 'monitoring', runbooks: 'javascript:alert(1)' }, 'PLATFORM-FIELD', 'monitoring.runbooks'],
])('rejects the monitoring %j', (monitoring, code, path) => {
  const problems = problemsOf(monitoring);
  expect(problems.map((problem) => [problem.code, problem.path, problem.fix !== ''])).toEqual([[code, path, true]]);
});

test('queries Prometheus at the Service of its operator, or at the address of the platform', () => {
  const { monitoring } = monitoredPlatform;
  if (monitoring === undefined) throw new Error('the platform has no monitoring');
  expect(monitoring).toEqual({
    namespace: 'monitoring',
    labels: { release: 'kube-prometheus-stack' },
    dashboardLabels: { grafana_dashboard: '1' },
  });
  expect(prometheusAddress(monitoring)).toBe('http://prometheus-operated.monitoring.svc:9090');
  expect(prometheusAddress({ ...monitoring, address: 'https://metrics.example.com' })).toBe(
    'https://metrics.example.com',
  );
});
