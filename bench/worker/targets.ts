import { type Operation, operations } from './requests';

/** Who answers. */
export type Variant = 'floor' | 'ours' | 'python' | 'McpServer' | 'express' | 'fastmcp';

/** The median of the rounds of one variant at one operation. */
export interface Figure {
  readonly requestsPerSecond: number;
  /** Processor time of the server per request, user and system, in microseconds. */
  readonly cpuMicros: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What was measured of each operation. */
export type Figures = Record<Operation, Partial<Record<Variant, Figure>>>;

/** A place for every figure, and none there yet. */
export function noFigures(): Figures {
  // A list of pairs does not tell the compiler that it has one for every operation.
  return Object.fromEntries(operations.map((operation) => [operation, {}])) as Figures;
}

/** Everything one run found out. */
export interface Measurements {
  readonly figures: Readonly<Figures>;
  /** Processor time per request of the catalogue, in microseconds, by the token that was sent. */
  readonly tokens: { readonly accepted: number; readonly refused: Readonly<Record<string, number>> };
  /** From the start of the process to its first answer, in milliseconds. */
  readonly startMs: { readonly ours: number; readonly python: number };
  /** Resident memory in MiB. */
  readonly memoryMiB: { readonly after1000: number; readonly after100000: number };
}

/** One bar, what was measured, and whether it was reached. */
export interface Target {
  readonly claim: string;
  readonly measured: number;
  readonly limit: number;
  /** Whether the limit is the least or the most that is allowed. */
  readonly bound: 'at least' | 'at most';
  readonly met: boolean;
}

/** Holds the measurements against every bar. A figure that is missing counts as a bar that was missed. */
export function targets({ figures, tokens, startMs, memoryMiB }: Measurements): readonly Target[] {
  const speed = (operation: Operation, of: Variant, to: Variant) =>
    ratio(figures[operation][of]?.requestsPerSecond, figures[operation][to]?.requestsPerSecond);
  const cost = (operation: Operation, of: Variant, to: Variant) =>
    ratio(figures[operation][of]?.cpuMicros, figures[operation][to]?.cpuMicros);
  // The peers know only the handshake era, so both of ours are held against that.
  const againstPeer = (operation: Operation, peer: Variant) =>
    ratio(figures[operation].ours?.requestsPerSecond, figures['mcp 2025-11-25'][peer]?.requestsPerSecond);
  const eras = ['mcp 2025-11-25', 'mcp 2026-07-28'] as const;

  return [
    atLeast('health: requests/s, of the bare route', speed('health', 'ours', 'floor'), 0.85),
    atLeast('tools: requests/s, of the bare route', speed('tools', 'ours', 'floor'), 0.5),
    atLeast('tools again: requests/s, of the bare route', speed('tools again', 'ours', 'floor'), 0.5),
    atLeast('invoke: requests/s, of the bare route', speed('invoke', 'ours', 'floor'), 0.65),
    atLeast('invoke again: requests/s, of the bare route', speed('invoke again', 'ours', 'floor'), 0.65),
    atMost('health: CPU per request, of the Python server', cost('health', 'ours', 'python'), 1 / 15),
    atMost('tools: CPU per request, of the Python server', cost('tools', 'ours', 'python'), 1 / 15),
    atMost('invoke: CPU per request, of the Python server', cost('invoke', 'ours', 'python'), 1 / 12),
    ...eras.flatMap((era) => [
      atMost(`${era}: CPU per request, of the bare route`, cost(era, 'ours', 'floor'), 3),
      atLeast(`${era}: requests/s, of McpServer per request`, againstPeer(era, 'McpServer'), 3),
      atLeast(`${era}: requests/s, of the Express example`, againstPeer(era, 'express'), 5),
      atLeast(`${era}: requests/s, of fastmcp`, againstPeer(era, 'fastmcp'), 5),
    ]),
    ...Object.entries(tokens.refused).map(([token, micros]) =>
      atMost(`${token}: CPU per request, of an accepted one`, ratio(micros, tokens.accepted), 1),
    ),
    atMost('start to first answer, of the Python server', ratio(startMs.ours, startMs.python), 1 / 3),
    atMost('MiB resident more after 100 000 calls than after 1 000', memoryMiB.after100000 - memoryMiB.after1000, 20),
  ];
}

function ratio(of: number | undefined, to: number | undefined): number {
  return of === undefined || to === undefined ? Number.NaN : of / to;
}

function atLeast(claim: string, measured: number, limit: number): Target {
  return { claim, measured, limit, bound: 'at least', met: measured >= limit };
}

function atMost(claim: string, measured: number, limit: number): Target {
  return { claim, measured, limit, bound: 'at most', met: measured <= limit };
}
