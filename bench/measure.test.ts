import { type Contender, figureNamed, inProcess, isReached, measure, report, wholeProcess } from './measure';

test('contenders take turns, another one begins each round, and the first round does not count', async () => {
  const order: string[] = [];
  const contender = (name: string, wallMs: () => number): Contender => ({
    name,
    run: () => {
      order.push(name);
      return { wallMs: wallMs(), cpuMs: 1 };
    },
  });
  const walls = [1000, 1, 30, 2];
  const figures = await measure([contender('a', () => walls.shift() ?? 0), contender('b', () => 4)], 3);
  expect(order.join('')).toBe('abbaabba');
  expect(figureNamed(figures, 'a')).toEqual({ name: 'a', wallMs: 2, cpuMs: 1, wallRangeMs: [1, 30] });
  expect(() => figureNamed(figures, 'c')).toThrow('"c"');
});

test('work in this process is told per unit, with its CPU time', async () => {
  const busy = inProcess('busy', 10, () => {
    for (const until = performance.now() + 20; performance.now() < until; );
  });
  const [figure] = await measure([busy], 1);
  expect(figure?.wallMs).toBeGreaterThanOrEqual(2);
  expect(figure?.cpuMs).toBeGreaterThan(0.2);
});

test('a whole process is measured with what it is given, and a failing one is no result', async () => {
  const reads = "process.stdin.on('data', (text) => process.exit(String(text) === 'x' ? 0 : 3))";
  const [figure] = await measure([wholeProcess('node', [process.execPath, '-e', reads], { input: 'x' })], 1);
  expect(figure?.wallMs).toBeGreaterThan(5);
  expect(figure?.cpuMs).toBeGreaterThan(5);
  await expect(measure([wholeProcess('node', [process.execPath, '-e', reads], { input: 'y' })], 1)).rejects.toThrow(
    'ended with 3',
  );
});

test('the report shows ratios to the first figure, and which goals are reached', () => {
  const figures = [
    { name: 'floor', wallMs: 2, cpuMs: 2, wallRangeMs: [1, 3] as const },
    { name: 'ours', wallMs: 3, cpuMs: 3, wallRangeMs: [2, 4] as const },
  ];
  const goals = [
    { name: 'speed', value: 0.67, limit: { atLeast: 0.8 } },
    { name: 'time', value: 0.5, limit: { atMost: 0.5 } },
  ];
  expect(goals.map(isReached)).toEqual([false, true]);
  const text = report(figures, goals);
  expect(text).toMatch(/floor .* 1\.00\n/);
  expect(text).toMatch(/ours .* 1\.50\n/);
  expect(text).toMatch(/missed +speed +0\.670 +at least 0\.8\n/);
  expect(text).toMatch(/reached +time/);
});
