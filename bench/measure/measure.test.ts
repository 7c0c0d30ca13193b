import { type Contender, figureNamed, inProcess, measure, wholeProcess } from './measure';

test('runs the contenders in rotating order and ignores the first round', async () => {
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

test('reports work in this process per unit, with its CPU time', async () => {
  const busy = inProcess('busy', 10, () => {
    for (const until = performance.now() + 20; performance.now() < until; );
  });
  const [figure] = await measure([busy], 1);
  expect(figure?.wallMs).toBeGreaterThanOrEqual(2);
  expect(figure?.cpuMs).toBeGreaterThan(0.2);
});

test('measures a process with its input, and throws when it fails', async () => {
  const reads = "process.stdin.on('data', (text) => process.exit(String(text) === 'x' ? 0 : 3))";
  const [figure] = await measure([wholeProcess('node', [process.execPath, '-e', reads], { input: 'x' })], 1);
  expect(figure?.wallMs).toBeGreaterThan(5);
  expect(figure?.cpuMs).toBeGreaterThan(5);
  await expect(measure([wholeProcess('node', [process.execPath, '-e', reads], { input: 'y' })], 1)).rejects.toThrow(
    'ended with 3',
  );
});

test('computes separate medians for latencies', async () => {
  const latencies = [
    [9, 9],
    [1, 8],
    [2, 7],
    [3, 9],
  ] as const;
  let round = 0;
  const server: Contender = {
    name: 'server',
    run: () => ({ wallMs: 1, cpuMs: 1, latencyMs: latencies[round++] ?? [0, 0] }),
  };
  expect(await measure([server], 3)).toMatchObject([{ latencyMs: [2, 8] }]);
});
