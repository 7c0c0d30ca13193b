import { isObject } from '../json';
import { type DispatcherOptions, McpDispatcher, type Sink } from './dispatcher';
import { checkModern, discover, discovery, statusOf } from './modern';
import { assumedRevision, errorText, type Members, metaKeys, type Rejection, type RpcOutcome } from './protocol';
import { checkHandshake, eraOf, type HeaderLookup, type ParsedRequest, readMessage } from './request';
import { constantResult, responseText } from './response';
import type { McpResult, McpService, Source } from './service';

/** What is to be done with a posted message. */
export type Decision =
  /** Accept it and run nothing: a notification, or a response although nothing was asked. */
  | { readonly kind: 'ignore'; readonly method: string | undefined }
  | { readonly kind: 'reject'; readonly rejection: Rejection; readonly request: ParsedRequest | undefined }
  | { readonly kind: 'run'; readonly request: ParsedRequest };

/** Everything an MCP endpoint does between a parsed body and the text of its response, whatever the transport. */
export class McpEndpoint {
  readonly #discovery: McpResult;

  private constructor(
    readonly service: McpService,
    readonly dispatcher: McpDispatcher,
  ) {
    this.#discovery = constantResult(discovery(service));
  }

  static async start(service: McpService, options: DispatcherOptions): Promise<McpEndpoint> {
    return new McpEndpoint(service, await McpDispatcher.start(service, options));
  }

  /**
   * Decides what to do with a body, from what it says alone.
   * @param header - undefined on a transport that has no headers
   */
  decide(body: unknown, header: HeaderLookup | undefined): Decision {
    const reading = readMessage(body);
    if (reading.kind === 'ignored') return { kind: 'ignore', method: reading.method };
    if (reading.kind === 'rejected') return { kind: 'reject', rejection: reading.rejection, request: undefined };

    const { message } = reading;
    const era = eraOf(message, header ?? noHeaders);
    const rejection =
      era === 'modern' ? checkModern(message, header, this.service) : checkHandshake(message, header ?? noHeaders);
    const params: Members = isObject(message.params) ? message.params : {};
    const meta: Members = isObject(params._meta) ? params._meta : {};
    const { id, method } = message;
    const named =
      era === 'modern' ? meta[metaKeys.protocolVersion] : (header?.('mcp-protocol-version') ?? params.protocolVersion);
    const request: ParsedRequest = {
      id,
      method,
      params,
      era,
      revision: typeof named === 'string' ? named : assumedRevision,
      clientInfo: era === 'modern' ? meta[metaKeys.clientInfo] : params.clientInfo,
    };
    return rejection ? { kind: 'reject', rejection, request } : { kind: 'run', request };
  }

  /** Runs a request that has been decided to run. Returns a function that cancels it. */
  run(request: ParsedRequest, from: Source, sink: Sink): () => void {
    const { era, method, params } = request;
    if (era === 'modern' && method === discover) {
      sink.deliver({ result: this.#discovery });
      return doNothing;
    }
    if (method === 'initialize') {
      this.dispatcher.initialize(params).then(
        (outcome) => sink.deliver(outcome),
        (error) => sink.deliver({ error: this.dispatcher.defect(error).member }),
      );
      return doNothing;
    }
    return this.dispatcher.run({ era, method, params, from }, sink);
  }

  /** The text of a response. */
  text(request: ParsedRequest, outcome: RpcOutcome): string {
    try {
      return responseText(request, outcome, this.service);
    } catch (error) {
      // A result that JSON cannot hold; without a response the caller would wait for ever.
      return errorText(this.dispatcher.defect(error).member, request.id);
    }
  }

  /** The HTTP status of a response. */
  status({ era }: ParsedRequest, outcome: RpcOutcome): number {
    return era === 'modern' ? statusOf(outcome) : 200;
  }
}

const noHeaders: HeaderLookup = () => undefined;

function doNothing(): void {}
