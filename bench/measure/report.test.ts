import { isReached, report } from './report';

const figures = [
  { name: 'baseline', wallMs: 2, cpuMs: 2, wallRangeMs: [1, 3] as const },
  { name: 'ours', wallMs: 3, cpuMs: 5, wallRangeMs: [2, 4] as const },
];
const goals = [
  { name: 'speed', value: 0.67, limit: { atLeast: 0.8 } },
  { name: 'time', value: 0.5, limit: { atMost: 0.5 } },
];

test('shows ratios to the first figure of each group, and which goals are reached', () => {
  expect(goals.map(isReached)).toEqual([false, true]);
  const text = report({ notes: ['quietly'], groups: [figures, figures.slice(1)], goals });
  expect(text).toMatch(/^quietly\n/);
  expect(text).toMatch(/baseline .* 1\.00 +1\.00\n/);
  expect(text).toMatch(/ours .* 1\.50 +2\.50\n[\s\S]*ours .* 1\.00 +1\.00\n/);
  expect(text).toMatch(/missed +speed +0\.670 +at least 0\.8\n/);
  expect(text).toMatch(/reached +time[\s\S]*1 of 2 goals missed$/);
});

test('shows latency only where it was measured', () => {
  expect(report({ groups: [figures], goals: [] })).not.toContain('p99');
  const [baseline] = figures.map((figure) => ({ ...figure, latencyMs: [1, 20] as const }));
  expect(report({ groups: [baseline === undefined ? [] : [baseline]], goals: [] })).toMatch(
    /p50, p99 ms\n.* 1\.00, 20\.0\n/,
  );
});

test('NaN reaches no goal', () => {
  expect(isReached({ name: 'none', value: Number.NaN, limit: { atMost: 1 } })).toBe(false);
  expect(isReached({ name: 'none', value: Number.NaN, limit: { atLeast: 0 } })).toBe(false);
});
