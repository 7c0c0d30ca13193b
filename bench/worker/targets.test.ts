import { type Figure, type Measurements, targets } from './targets';

const figure = (requestsPerSecond: number, cpuMicros: number): Figure => ({
  requestsPerSecond,
  cpuMicros,
  p50Ms: 1,
  p99Ms: 2,
});

/** A run that reaches every bar exactly. */
const exact: Measurements = {
  figures: {
    health: { floor: figure(100, 30), ours: figure(85, 40), python: figure(1, 600) },
    tools: { floor: figure(100, 30), ours: figure(50, 60), python: figure(1, 900) },
    'tools again': { floor: figure(100, 30), ours: figure(50, 60) },
    invoke: { floor: figure(100, 30), ours: figure(65, 50), python: figure(1, 600) },
    'invoke again': { floor: figure(100, 30), ours: figure(65, 50) },
    'mcp 2025-11-25': {
      floor: figure(100, 30),
      ours: figure(50, 90),
      McpServer: figure(50 / 3, 300),
      express: figure(10, 500),
      fastmcp: figure(10, 500),
    },
    'mcp 2026-07-28': { floor: figure(100, 30), ours: figure(50, 90) },
  },
  tokens: { accepted: 60, refused: { 'an expired token': 60 } },
  startMs: { ours: 300, python: 900 },
  memoryMiB: { after1000: 80, after100000: 100 },
};

test('a bar that is just reached is reached', () => {
  const all = targets(exact);
  expect(all).toHaveLength(19);
  expect(all.filter(({ met }) => !met)).toEqual([]);
});

test('every bar can be missed', () => {
  const slow = Object.entries(exact.figures).map(([operation, variants]) => [
    operation,
    {
      ...variants,
      ours: figure((variants.ours?.requestsPerSecond ?? 0) * 0.99, (variants.ours?.cpuMicros ?? 0) * 1.01),
    },
  ]);
  const missed = targets({
    figures: Object.fromEntries(slow),
    tokens: { accepted: 60, refused: { 'an expired token': 61 } },
    startMs: { ours: 301, python: 900 },
    memoryMiB: { after1000: 80, after100000: 101 },
  });
  expect(missed.filter(({ met }) => met)).toEqual([]);
});

test('a variant that was not measured misses its bars instead of reaching them', () => {
  const { python: _, ...health } = exact.figures.health;
  const [missed, ...others] = targets({ ...exact, figures: { ...exact.figures, health } }).filter(({ met }) => !met);
  expect(missed?.claim).toBe('health: CPU per request, of the Python server');
  expect(others).toEqual([]);
});
