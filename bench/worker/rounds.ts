import type { RunningServer } from '../../testing/processes/server-process';
import { median } from '../measure';
import { cpuMicros } from './process-cost';
import type { Figure } from './targets';
import type { LoadGenerator, LoadRequest } from './wrk';

/** One server asked for one thing. */
export interface Cell {
  readonly name: string;
  readonly server: RunningServer;
  readonly request: LoadRequest;
  /** Whether answers of 400 and more are what is wanted. @default - false */
  readonly refused?: boolean;
}

export interface Plan {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
}

/**
 * Measures cells that are to be compared, in turn, round after round, so that a slow minute of the machine meets all of
 * them; every second round goes backwards. Each is warmed up first.
 * @returns the medians, by cell
 */
export async function inTurn<C extends Cell>(
  cells: readonly C[],
  plan: Plan,
  load: LoadGenerator,
): Promise<ReadonlyMap<C, Figure>> {
  const measured = new Map(cells.map((cell) => [cell, [] as Figure[]]));
  for (const { server, request, refused } of cells) await load.run(server.url, request, plan.warmUpSeconds, !refused);
  for (let round = 0; round < plan.rounds; round += 1) {
    for (const cell of round % 2 === 0 ? cells : [...cells].reverse()) {
      measured.get(cell)?.push(await stretch(cell, plan.seconds, load));
    }
  }
  return new Map([...measured].map(([cell, figures]) => [cell, medians(figures)]));
}

async function stretch({ server, request, refused }: Cell, seconds: number, load: LoadGenerator): Promise<Figure> {
  const before = cpuMicros(server.pid);
  const { requests, ...rest } = await load.run(server.url, request, seconds, !refused);
  return { ...rest, cpuMicros: (cpuMicros(server.pid) - before) / requests };
}

function medians(figures: readonly Figure[]): Figure {
  const of = (member: keyof Figure) => median(figures.map((figure) => figure[member]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    cpuMicros: of('cpuMicros'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
  };
}
