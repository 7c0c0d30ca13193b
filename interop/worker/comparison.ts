import { replay, type Vector, type Verdict } from '../../testing/exchanges/replay';

/** One exchange, answered by the real server and by ours. */
export interface Row {
  readonly vector: Vector;
  readonly python: Outcome;
  readonly ours: Outcome;
}

/** A verdict, or the reason why there is none. */
export type Outcome = Verdict | { readonly fits: false; readonly differences: readonly string[] };

/**
 * Replays one vector against both servers. Python must give the recorded answer or an alternative; ours keeps no MCP
 * sessions, so there its answers count instead. Never rejects: a server that is gone is a difference.
 */
export async function compare(vector: Vector, pythonUrl: string, ourUrl: string): Promise<Row> {
  const [python, ours] = await Promise.all([
    outcome(replay(vector, pythonUrl)),
    outcome(replay(vector, ourUrl, { stateless: true })),
  ]);
  return { vector, python, ours };
}

/** What the table says about one answer. */
export function word(outcome: Outcome): string {
  if (!outcome.fits) return '✗';
  if (outcome.form === 0) return 'as recorded';
  return `alternative ${outcome.form}`;
}

/** The rows of the table, and below it every difference with its place. */
export function paragraphs(rows: readonly Row[]): readonly string[] {
  return rows.flatMap(({ vector, python, ours }) =>
    [['python', python] as const, ['ours', ours] as const]
      .filter(([, { fits }]) => !fits)
      .map(
        ([who, { differences }]) =>
          `✗ ${vector.area}/${vector.name}, ${who} (${vector.title})\n    ${differences.join('\n    ')}`,
      ),
  );
}

async function outcome(verdict: Promise<Verdict>): Promise<Outcome> {
  try {
    return await verdict;
  } catch (error) {
    return { fits: false, differences: [error instanceof Error ? error.message : String(error)] };
  }
}
