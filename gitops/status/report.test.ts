import { Problem } from '../../model/problem';
import { namedPlatform, testPlatform } from '../../testing/fixtures';
import { describeRows, isUrgent, rowsJson } from './report';
import type { Row } from './row';

const differ = new Problem('TOOLS-DIFFER', 'weather lists different tools', { fix: 'wait' });
const same = { state: 'same', files: [], problems: [], folder: '../fleet' } as const;
const row: Row = {
  server: 'weather',
  platform: namedPlatform,
  declared: { image: 'registry.example.com/weather:1.0.1', runtime: 'st-app', version: '1.1.0' },
  rendered: { state: 'same', files: [] },
  delivered: { ...same, image: 'registry.example.com/weather:1.0.1' },
  running: { state: 'same', version: '1.1.0' },
};
const differing: Row = { ...row, running: { state: 'differs', version: '1.0.0', problem: differ } };

test.each<[string, Row, boolean, RegExp]>([
  ['everything as declared', row, false, /^weather .* 1\.0\.1 +yes +1\.0\.1 +tools 1\.1\.0$/m],
  [
    'other tools after a delivery',
    differing,
    true,
    /tools 1\.0\.0 ≠ +reconcile\n! .*: TOOLS-DIFFER .*\n +reconcile +flux reconcile helmrelease weather -n weather --with-source; then npm run verify -- weather --platform test-cluster --wait 5m$/m,
  ],
  [
    'other tools, without a chart',
    { ...differing, declared: { image: 'registry.example.com/weather:1.0.1', runtime: 'plain' } },
    true,
    /flux get kustomizations -A/,
  ],
  [
    'other tools of an older image, while another platform has a newer one',
    {
      ...differing,
      declared: { image: 'registry.example.com/weather:1.0.1', runtime: 'plain', newerOn: 'staging' },
    },
    false,
    /promote\n- weather .*\n +promote +nothing, or npm run bump -- weather --from staging --to test-cluster$/m,
  ],
  [
    'other tools before the delivery',
    { ...differing, delivered: { ...same, state: 'differs', files: ['a.yaml', 'b.yaml', 'c.yaml'] } },
    true,
    /deliver\n! .*: a\.yaml and 2 more files are not the same in \.\.\/fleet as in dist\/\n.*npm run deliver -- --platform test-cluster --to \.\.\/fleet weather$/m,
  ],
  [
    'a server that is down',
    { ...row, running: { state: 'down', problem: new Problem('HEALTH', 'it answered 503', { fix: 'see the pods' }) } },
    true,
    /down +verify\n! .*: HEALTH {2}it answered 503\n +verify +see the pods$/m,
  ],
  [
    'an open rotation',
    { ...row, isRotating: true },
    false,
    / finish\n- weather .*: a rotation .* is under way\n +finish +npm run seal -- status weather --platform test-cluster shows/m,
  ],
  [
    'what no checkout was given for',
    { ...row, delivered: undefined },
    false,
    / not checked .*\n- delivered is compared with checkouts: --to/m,
  ],
  ['an internal server', { ...row, running: { state: 'inside' } }, false, / in cluster$/m],
  ['a server that hides its tools', { ...row, running: { state: 'up' } }, false, / up$/m],
])('shows %s with the next step', (_what, shown, needsAction, text) => {
  expect(describeRows([shown])).toMatch(text);
  expect(isUrgent([shown])).toBe(needsAction);
});

test('keeps the table within 100 columns for the longest names and versions', () => {
  const image = `registry.example.com/a@sha256:${'a'.repeat(64)}`;
  const long: Row = {
    ...differing,
    server: 'a'.repeat(53),
    platform: { name: 'b'.repeat(53), flag: ' --platform b' },
    declared: { image, runtime: 'st-app', version: '1.1.0' },
    rendered: { state: 'stale', files: ['dist/a'] },
    delivered: { ...same, image },
    running: { state: 'differs', version: '100.100.100-rc.100', problem: differ },
  };
  const [header = '', first = ''] = describeRows([long, differing]).split('\n');
  expect(header).toMatch(/^server +platform +declared +rendered +delivered +running +next$/);
  expect(first.length).toBeGreaterThan(80);
  expect(first.length).toBeLessThanOrEqual(100);
});

test('hides the platform column for a single platform, and omits what was not checked from the JSON', () => {
  const alone: Row = { ...row, platform: testPlatform, running: undefined };
  expect(describeRows([alone])).toMatch(/^server +declared +rendered +delivered +running +next\n.*not checked$/);
  expect(JSON.parse(JSON.stringify(rowsJson([alone])))[0]).toMatchObject({ platform: 'test-cluster', next: [] });
  expect(JSON.parse(JSON.stringify(rowsJson([alone])))[0]).not.toHaveProperty('running');
});

test('explains once where unsealed secrets are, without asking for action', () => {
  const secrets = 'secrets of staging are external';
  const rows = [row, { ...row, server: 'other' }].map((each) => ({ ...each, secrets }));
  expect(describeRows(rows).split(secrets)).toHaveLength(2);
  expect(isUrgent(rows)).toBe(false);
  expect(rowsJson(rows)).toMatchObject([{ secrets }, { secrets }]);
});
