import { Counter, collectDefaultMetrics, Histogram, Registry } from 'prom-client';

/** How a call came in: from the engine, or over MCP. */
export type CallProtocol = 'worker' | 'mcp';

/** What is counted, and where it can be read. */
export interface Metrics {
  readonly registry: Registry;
  /** An answer of a route. Cheap: the counting happens in `tally`, once for each pair. */
  readonly answers: Tally<'route' | 'status'>;
  readonly refusals: Tally<'reason'>;
  readonly previousSecret: Tally<never>;
  readonly calls: Tally<'way' | 'tool' | 'outcome'>;
  /** How long calls took, in seconds. */
  readonly durations: Histogram<'way' | 'tool'>;
}

/** Makes the counters of one process. Several may live in one process: each has its own registry. */
export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'worker_tool_call_duration_seconds',
    help: 'How long calls of tools take.',
    labelNames: ['way', 'tool'] as const,
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30],
    registers: [registry],
  });
  return {
    registry,
    answers: new Tally(registry, 'worker_answers_total', 'Answers by route and status.', ['route', 'status']),
    refusals: new Tally(registry, 'worker_refused_tokens_total', 'Refused tokens by reason.', ['reason']),
    previousSecret: new Tally(
      registry,
      'worker_previous_secret_total',
      'Calls whose token was signed with the previous secret.',
      [],
    ),
    calls: new Tally(registry, 'tool_call', 'Calls of tools by outcome.', ['way', 'tool', 'outcome']),
    durations,
  };
}

/** A counter whose cells are plain numbers: prom-client's own `inc` costs more than a health check. */
export class Tally<Label extends string> {
  readonly #cells = new Map<string, { readonly labels: Readonly<Record<Label, string>>; count: number }>();
  readonly #names: readonly Label[];

  constructor(registry: Registry, name: string, help: string, labelNames: readonly Label[]) {
    this.#names = labelNames;
    const cells = this.#cells;
    new Counter({
      name,
      help,
      labelNames,
      registers: [registry],
      collect() {
        this.reset();
        for (const { labels, count } of cells.values()) this.inc(labels, count);
      },
    });
  }

  /** The cell of some labels. Keep it where the labels never change. */
  cell(labels: Readonly<Record<Label, string>>): { count: number } {
    let key = '';
    // With one label the key is its value: nothing to concatenate.
    for (const name of this.#names) key = key === '' ? labels[name] : `${key}\n${labels[name]}`;
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const cell = { labels, count: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}
