import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MaybePromise } from '../catalog/call';
import { contract } from '../contract';

const { metrics: labelsOf } = contract;

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
  readonly inFlight: InFlight;
}

/** Makes the counters of one process. Several may live in one process: each has its own registry. */
export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'worker_tool_call_duration_seconds',
    help: 'How long calls of tools take.',
    labelNames: labelsOf.worker_tool_call_duration_seconds_count,
    // Up to the longest time that a tool may take.
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30, 100, contract.call.maxTimeoutSeconds],
    registers: [registry],
  });
  const tally = <Name extends Named>(name: Name, help: string) =>
    new Tally<(typeof labelsOf)[Name][number]>(registry, name, help, labelsOf[name]);
  return {
    registry,
    answers: tally('worker_answers_total', 'Answers by route and status.'),
    refusals: tally('worker_refused_tokens_total', 'Refused tokens by reason.'),
    previousSecret: tally('worker_previous_secret_total', 'Calls whose token was signed with the previous secret.'),
    calls: tally('tool_call', 'Calls of tools by outcome.'),
    durations,
    inFlight: new InFlight(registry),
  };
}

/** A metric that the outside may rely on. */
type Named = keyof typeof labelsOf;

/** How many calls have begun and not ended, while somebody waits for them. A call that is answered in the same turn is never seen, so promises are counted. */
export class InFlight {
  #count = 0;

  constructor(registry: Registry) {
    const count = () => this.#count;
    new Gauge({
      name: 'worker_calls_in_flight' satisfies Named,
      help: 'Calls of tools that have begun and not ended.',
      registers: [registry],
      collect() {
        this.set(count());
      },
    });
  }

  /**
   * Counts a call until it has ended, however that is, or nobody waits for it any more: some tools never end.
   * @param onGivenUp is told whom to tell of the latter. @default - the call ends by itself
   * @returns what it was given
   */
  during<Outcome>(call: MaybePromise<Outcome>, onGivenUp?: (hear: () => void) => void): MaybePromise<Outcome> {
    if (!(call instanceof Promise)) return call;
    this.#count += 1;
    let isCounted = true;
    const ended = () => {
      if (isCounted) this.#count -= 1;
      isCounted = false;
    };
    call.then(ended, ended);
    onGivenUp?.(ended);
    return call;
  }
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
