import type { Figure } from '../measure/measure';
import { isReached } from '../measure/report';
import { acceptedToken, goalsOf, starts } from './goals';
import { sizeGoals } from './sizes';
import { idleServers } from './worker';

const figure = (name: string, wallMs: number, cpuMs: number): Figure => ({
  name,
  wallMs,
  cpuMs,
  wallRangeMs: [wallMs, wallMs],
});

/** A run that reaches every goal exactly. @param factor multiplies our own cost */
function run(factor = 1): readonly Figure[] {
  const ours = (name: string, wallMs: number, cpuMs: number) => figure(name, wallMs * factor, cpuMs * factor);
  return [
    ...['health', 'tools', 'tools again', 'invoke', 'invoke again'].map((name) => figure(`${name}, baseline`, 1, 30)),
    ...['health', 'tools', 'invoke'].map((name) => figure(`${name}, python`, 100, 900)),
    ours('health, ours', 1 / 0.85, 60),
    ours('tools, ours', 2, 60),
    ours('tools again, ours', 2, 60),
    ours('invoke, ours', 1 / 0.65, 75),
    ours('invoke again, ours', 1 / 0.65, 75),
    ...['2025-11-25', '2026-07-28'].flatMap((era) => [
      figure(`mcp ${era}, baseline`, 1, 30),
      ours(`mcp ${era}, ours`, 2, 45),
    ]),
    figure('mcp 2025-11-25, McpServer', 6, 300),
    figure('mcp 2025-11-25, express', 10, 500),
    figure('mcp 2025-11-25, fastmcp', 10, 500),
    figure(acceptedToken, 1, 60),
    ...['an expired token', 'a wrong signature', 'no JWT at all'].map((name) => ours(name, 1, 60)),
    ...[
      ['MCP list of 200', 45],
      ['tools of 200', 45],
      ['MCP resource of 64 KiB', 45],
      ['resource of 64 KiB', 45],
      ['result of 1 MiB', 300],
    ].flatMap(([name, cpuMs]) => [figure(`${name}, baseline`, 1, 30), ours(`${name}, ours`, 1, Number(cpuMs))]),
    figure('result of 64 KiB, ours', 1, (300 / 1.25 / (1024 * 1024 - 2)) * 64 * 1024),
    ...['MCP call', 'invoke'].flatMap((name) => [figure(`${name} among 3`, 1, 30), ours(`${name} among 200`, 1, 33)]),
    ours(starts.ours, 300, 300),
    figure(starts.python, 900, 900),
  ];
}

const allGoals = (figures: readonly Figure[], grownMiB: number) => [
  ...goalsOf(figures, grownMiB),
  ...sizeGoals(figures),
];

test('a value equal to its limit reaches the goal', () => {
  const goals = allGoals(run(), 20);
  expect(goals).toHaveLength(29);
  expect(goals.filter((goal) => !isReached(goal))).toEqual([]);
});

test('every goal can be missed', () => {
  expect(allGoals(run(1.01), 21).filter(isReached)).toEqual([]);
});

test('throws when a figure is missing', () => {
  const incomplete = run().filter(({ name }) => name !== 'health, python');
  expect(() => goalsOf(incomplete, 20)).toThrow('"health, python"');
});

test('warns about a server that did not have its core to itself', () => {
  const figures = [figure('idle', 1, 0.5), figure('busy', 1, 0.95)];
  expect(idleServers(figures).join()).toContain('in 1 of 2 figures the server had less than 90 %');
  expect(idleServers(figures.slice(1))).toEqual([]);
});
