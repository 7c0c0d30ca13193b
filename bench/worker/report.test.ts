import { report } from './report';
import { type Figure, type Measurements, noFigures } from './targets';

const figure = (requestsPerSecond: number, cpuMicros: number): Figure => ({
  requestsPerSecond,
  cpuMicros,
  p50Ms: 1,
  p99Ms: 2,
});

function measured(floor: Figure): Measurements {
  return {
    figures: { ...noFigures(), health: { floor } },
    tokens: { accepted: 60, refused: {} },
    startMs: { ours: 300, python: 900 },
    memoryMiB: { after1000: 80, after100000: 100 },
  };
}

test('a server that did not get its core to itself is said to have measured little', () => {
  expect(report(measured(figure(10_000, 50)), [], [])).toContain('in 1 of 1 figures the server had less than 90 %');
  expect(report(measured(figure(20_000, 48)), [], [])).not.toContain('had less than');
});

test('bars that were missed are counted', () => {
  const target = { claim: 'a bar', measured: 1, limit: 2, bound: 'at least' } as const;
  const text = report(
    measured(figure(20_000, 48)),
    [
      { ...target, met: true },
      { ...target, met: false },
    ],
    [],
  );
  expect(text).toMatch(/1 of 2 bars missed$/);
});
