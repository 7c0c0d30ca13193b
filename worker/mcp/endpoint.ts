import { answerText, constantResult } from './answer-text';
import { type Decision, decide, type Spoken } from './decide';
import { Engine, type EngineOptions, type Sink } from './engine';
import type { HeaderLookup } from './era';
import { discover, discovery, statusOf } from './modern';
import { errorText, type Outcome } from './protocol';
import type { McpResult, McpService, Source } from './service';

/** Everything an MCP endpoint does between a parsed body and the text of its answer, whatever the transport. */
export class McpEndpoint {
  readonly #discovery: McpResult;

  private constructor(
    readonly service: McpService,
    readonly engine: Engine,
  ) {
    this.#discovery = constantResult(discovery(service));
  }

  static async start(service: McpService, options: EngineOptions): Promise<McpEndpoint> {
    return new McpEndpoint(service, await Engine.start(service, options));
  }

  /** What to do with a body. `header` is undefined on a transport without headers. */
  decide(body: unknown, header: HeaderLookup | undefined): Decision {
    return decide(body, header, this.service);
  }

  /** Runs a request that has been decided to run. Answers with a function that cancels it. */
  run(request: Spoken, from: Source, sink: Sink): () => void {
    const { era, method, params } = request;
    if (era === 'modern' && method === discover) {
      sink.deliver({ result: this.#discovery });
      return doNothing;
    }
    if (method === 'initialize') {
      this.engine.initialize(params).then(
        (outcome) => sink.deliver(outcome),
        (error) => sink.deliver({ error: this.engine.defect(error).member }),
      );
      return doNothing;
    }
    return this.engine.run({ era, method, params, from }, sink);
  }

  /** The text of an answer. */
  text(request: Spoken, outcome: Outcome): string {
    try {
      return answerText(request, outcome, this.service);
    } catch (error) {
      // A result that JSON cannot hold; without an answer the caller would wait for ever.
      return errorText(this.engine.defect(error).member, request.id);
    }
  }

  /** The HTTP status of an answer. */
  status({ era }: Spoken, outcome: Outcome): number {
    return era === 'modern' ? statusOf(outcome) : 200;
  }
}

function doNothing(): void {}
