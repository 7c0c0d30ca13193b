import { table } from '../../cli/table';
import type { Figure } from './measure';

/** A goal and the measured value. */
export interface Goal {
  readonly name: string;
  readonly value: number;
  /** The upper or the lower limit of the value. */
  readonly limit: { readonly atMost: number } | { readonly atLeast: number };
}

/** The result of a benchmark. */
export interface Result {
  /** The conditions of the measurement and other observations. @default - none */
  readonly notes?: readonly string[];
  /** Groups of figures; the first of each group is the reference. */
  readonly groups: readonly (readonly Figure[])[];
  readonly goals: readonly Goal[];
}

/** Whether a goal is reached. NaN never is. */
export function isReached({ value, limit }: Goal): boolean {
  return 'atMost' in limit ? value <= limit.atMost : value >= limit.atLeast;
}

/** Formats the notes, the figures as tables with ratios to the first of each group, and the goals. */
export function report({ notes = [], groups, goals }: Result): string {
  const missed = goals.filter((goal) => !isReached(goal)).length;
  const summary = missed === 0 ? `all ${goals.length} goals reached` : `${missed} of ${goals.length} goals missed`;
  return [notes.join('\n'), ...groups.map(tableOf), goalsTable(goals), summary].filter(Boolean).join('\n\n');
}

function tableOf(figures: readonly Figure[]): string {
  const [first] = figures;
  const rows = figures.map(({ name, wallMs, cpuMs, wallRangeMs: [least, most], latencyMs = [] }) => [
    name,
    shown(wallMs),
    `${shown(least)} - ${shown(most)}`,
    shown(cpuMs),
    (1000 / wallMs).toFixed(wallMs < 10 ? 0 : 2),
    (wallMs / (first?.wallMs ?? wallMs)).toFixed(2),
    (cpuMs / (first?.cpuMs ?? cpuMs)).toFixed(2),
    latencyMs.map(shown).join(', '),
  ]);
  const latency = figures.some(({ latencyMs }) => latencyMs) ? 'p50, p99 ms' : '';
  return table(['', 'wall ms', 'range', 'cpu ms', 'per second', '× wall', '× cpu', latency], rows);
}

function goalsTable(goals: readonly Goal[]): string {
  const rows = goals.map((goal) => [
    isReached(goal) ? 'reached' : 'missed',
    goal.name,
    goal.value.toPrecision(3),
    'atMost' in goal.limit ? `at most ${limitText(goal.limit.atMost)}` : `at least ${limitText(goal.limit.atLeast)}`,
  ]);
  return table(['', 'goal', 'value', 'limit'], rows);
}

function limitText(limit: number): string {
  return String(Number(limit.toPrecision(3)));
}

function shown(ms: number): string {
  return ms < 10 ? ms.toPrecision(3) : ms.toFixed(1);
}
