import { table } from '../../cli/table';
import { operations } from './requests';
import type { Figure, Measurements, Target } from './targets';

/** The measurements and what became of every bar, for a person. */
export function report(measurements: Measurements, targets: readonly Target[], conditions: readonly string[]): string {
  const missed = targets.filter(({ met }) => !met).length;
  return [
    conditions.join('\n'),
    figuresTable(measurements),
    ...idleServers(measurements),
    otherTable(measurements),
    targetsTable(targets),
    missed === 0 ? `all ${targets.length} bars reached` : `${missed} of ${targets.length} bars missed`,
  ].join('\n\n');
}

function figuresTable({ figures }: Measurements): string {
  const rows = operations.flatMap((operation) => {
    const { floor } = figures[operation];
    return Object.entries(figures[operation]).map(([variant, figure]) => [
      operation,
      variant,
      figure.requestsPerSecond.toFixed(0),
      times(figure.requestsPerSecond, floor?.requestsPerSecond),
      figure.cpuMicros.toFixed(1),
      times(figure.cpuMicros, floor?.cpuMicros),
      `${(busy(figure) * 100).toFixed(0)} %`,
      figure.p50Ms.toFixed(2),
      figure.p99Ms.toFixed(2),
    ]);
  });
  return table(
    ['operation', 'variant', 'requests/s', '× floor', 'CPU µs', '× floor', 'busy', 'p50 ms', 'p99 ms'],
    rows,
  );
}

/** Below this share the server waited for something else, so its requests/s do not say how fast it is. */
const leastBusy = 0.9;

/** How much of its processor core the server used. */
function busy({ requestsPerSecond, cpuMicros }: Figure): number {
  return (requestsPerSecond * cpuMicros) / 1e6;
}

function idleServers({ figures }: Measurements): readonly string[] {
  const all = Object.values(figures).flatMap((variants) => Object.values(variants));
  const idle = all.filter((figure) => busy(figure) < leastBusy).length;
  if (idle === 0) return [];
  return [
    `! in ${idle} of ${all.length} figures the server had less than ${leastBusy * 100} % of its core: another program or the load` +
      '\n  took the rest, and requests/s compare only roughly; CPU per request still does',
  ];
}

function otherTable({ tokens, startMs, memoryMiB }: Measurements): string {
  return table(
    ['measured', 'value'],
    [
      ['tools with an accepted token, CPU µs', tokens.accepted.toFixed(1)],
      ...Object.entries(tokens.refused).map(([token, micros]) => [`tools with ${token}, CPU µs`, micros.toFixed(1)]),
      ['start to first answer, ours, ms', startMs.ours.toFixed(0)],
      ['start to first answer, python, ms', startMs.python.toFixed(0)],
      ['resident after 1 000 calls, MiB', memoryMiB.after1000.toFixed(1)],
      ['resident after 100 000 calls, MiB', memoryMiB.after100000.toFixed(1)],
    ],
  );
}

function targetsTable(targets: readonly Target[]): string {
  const rows = targets.map(({ claim, measured, bound, limit, met }) => [
    met ? '✓' : '✗',
    claim,
    measured.toPrecision(3),
    `${bound} ${limit.toPrecision(3)}`,
  ]);
  return table(['', 'bar', 'measured', 'wanted'], rows);
}

function times(value: number, floor: number | undefined): string {
  return floor === undefined ? '' : (value / floor).toFixed(2);
}
