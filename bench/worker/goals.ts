import { type Figure, figureNamed } from '../measure/measure';
import type { Goal } from '../measure/report';
import { type Operation, refusedRequests } from './requests';

/** A measured server. */
export type Variant = 'baseline' | 'ours' | 'python' | 'McpServer' | 'express' | 'fastmcp';

/** The name of a figure. */
export function figureName(operation: Operation, variant: Variant): string {
  return `${operation}, ${variant}`;
}

/** The figure of the catalogue with a valid token, the reference for rejected tokens. */
export const acceptedToken = 'an accepted token';

/** The names of the figures for the time from start to first response. */
export const starts = { ours: 'start, ours', python: 'start, python' } as const;

/**
 * Evaluates the goals.
 * @param grownMiB the growth of the resident memory
 * @throws Error when a figure is missing
 */
export function goalsOf(figures: readonly Figure[], grownMiB: number): readonly Goal[] {
  const wall = (operation: Operation, variant: Variant) => figureNamed(figures, figureName(operation, variant)).wallMs;
  const cpu = (name: string) => figureNamed(figures, name).cpuMs;
  const speed = (operation: Operation, of: Variant, to: Variant) => wall(operation, to) / wall(operation, of);
  const cost = (operation: Operation, of: Variant, to: Variant) =>
    cpu(figureName(operation, of)) / cpu(figureName(operation, to));
  // The peers support only the handshake era, so both of our eras are compared with that.
  const againstPeer = (operation: Operation, peer: Variant) => wall('mcp 2025-11-25', peer) / wall(operation, 'ours');
  const eras = ['mcp 2025-11-25', 'mcp 2026-07-28'] as const;

  return [
    atLeast('health: requests/s, relative to the bare route', speed('health', 'ours', 'baseline'), 0.85),
    atLeast('tools: requests/s, relative to the bare route', speed('tools', 'ours', 'baseline'), 0.5),
    atLeast('tools again: requests/s, relative to the bare route', speed('tools again', 'ours', 'baseline'), 0.5),
    atLeast('invoke: requests/s, relative to the bare route', speed('invoke', 'ours', 'baseline'), 0.65),
    atLeast('invoke again: requests/s, relative to the bare route', speed('invoke again', 'ours', 'baseline'), 0.65),
    atMost('health: CPU per request, relative to the Python server', cost('health', 'ours', 'python'), 1 / 15),
    atMost('tools: CPU per request, relative to the Python server', cost('tools', 'ours', 'python'), 1 / 15),
    atMost('invoke: CPU per request, relative to the Python server', cost('invoke', 'ours', 'python'), 1 / 12),
    ...eras.flatMap((era) => [
      atMost(`${era}: CPU per request, relative to the bare route`, cost(era, 'ours', 'baseline'), 1.5),
      atLeast(`${era}: requests/s, relative to McpServer per request`, againstPeer(era, 'McpServer'), 3),
      atLeast(`${era}: requests/s, relative to the Express example`, againstPeer(era, 'express'), 5),
      atLeast(`${era}: requests/s, relative to fastmcp`, againstPeer(era, 'fastmcp'), 5),
    ]),
    ...Object.keys(refusedRequests).map((token) =>
      atMost(`${token}: CPU per request, relative to an accepted one`, cpu(token) / cpu(acceptedToken), 1),
    ),
    atMost(
      'start to first response, relative to the Python server',
      figureNamed(figures, starts.ours).wallMs / figureNamed(figures, starts.python).wallMs,
      1 / 3,
    ),
    atMost('growth of resident memory from 1 000 to 100 000 calls, MiB', grownMiB, 20),
  ];
}

function atLeast(name: string, value: number, limit: number): Goal {
  return { name, value, limit: { atLeast: limit } };
}

function atMost(name: string, value: number, limit: number): Goal {
  return { name, value, limit: { atMost: limit } };
}
