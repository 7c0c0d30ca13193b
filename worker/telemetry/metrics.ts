import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { MaybePromise } from '../catalog/call';
import { contract } from '../contract';

const { metrics: labelsOf } = contract;

/** The protocol of a call: from the engine, or MCP. */
export type CallProtocol = 'worker' | 'mcp';

/** The metrics of a process and the registry that exports them. */
export interface Metrics {
  readonly registry: Registry;
  /** Responses by route and status. */
  readonly answers: Tally<'route' | 'status'>;
  readonly refusals: Tally<'reason'>;
  readonly previousSecret: Tally<never>;
  readonly calls: Tally<'way' | 'tool' | 'outcome'>;
  /** Durations of calls, in seconds. */
  readonly durations: Histogram<'way' | 'tool'>;
  readonly inFlight: InFlight;
}

/** Creates the metrics with their own registry, so that several workers can run in one process. */
export function createMetrics({ processMetrics = true } = {}): Metrics {
  const registry = new Registry();
  if (processMetrics) collectDefaultMetrics({ register: registry });
  const durations = new Histogram({
    name: 'worker_tool_call_duration_seconds',
    help: 'Duration of tool calls in seconds.',
    labelNames: labelsOf.worker_tool_call_duration_seconds_count,
    // Up to the longest time limit of a tool.
    buckets: [0.001, 0.005, 0.025, 0.1, 0.5, 2, 10, 30, 100, contract.call.maxTimeoutSeconds],
    registers: [registry],
  });
  const tally = <Name extends Named>(name: Name, help: string) =>
    new Tally<(typeof labelsOf)[Name][number]>(registry, name, help, labelsOf[name]);
  return {
    registry,
    answers: tally('worker_answers_total', 'Responses by route and status.'),
    refusals: tally('worker_refused_tokens_total', 'Refused tokens by reason.'),
    previousSecret: tally('worker_previous_secret_total', 'Requests with a token signed with the previous secret.'),
    calls: tally('tool_call', 'Tool calls by outcome.'),
    durations,
    inFlight: new InFlight(registry),
  };
}

/** A metric in the contract, on which dashboards may rely. */
type Named = keyof typeof labelsOf;

/** Counts the calls in flight. Only promises count: a synchronous call ends before the metric can be read. */
export class InFlight {
  #count = 0;

  constructor(registry: Registry) {
    const count = () => this.#count;
    new Gauge({
      name: 'worker_calls_in_flight' satisfies Named,
      help: 'Tool calls in flight.',
      registers: [registry],
      collect() {
        this.set(count());
      },
    });
  }

  /**
   * Counts a call until it settles or its caller gives up, because some tools never settle.
   * @param onGivenUp registers a listener for the caller giving up. @default - the caller never gives up
   * @returns the call
   */
  during<Outcome>(call: MaybePromise<Outcome>, onGivenUp?: (listener: () => void) => void): MaybePromise<Outcome> {
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

/** A counter with plain numbers as cells: prom-client's `inc` costs more than a health check. */
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

  /** The cell for a set of labels. Cache it if the labels are constant. */
  cell(labels: Readonly<Record<Label, string>>): { count: number } {
    let key = '';
    // With a single label the key is its value, without concatenation.
    for (const name of this.#names) key = key === '' ? labels[name] : `${key}\n${labels[name]}`;
    const known = this.#cells.get(key);
    if (known !== undefined) return known;
    const cell = { labels, count: 0 };
    this.#cells.set(key, cell);
    return cell;
  }
}
