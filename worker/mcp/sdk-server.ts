import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport, TransportSendOptions } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage, JSONRPCRequest, MessageExtraInfo } from '@modelcontextprotocol/sdk/types.js';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv-provider.js';
import type { RpcOutcome } from './protocol';
import type { McpService } from './service';

/** A notification on its way to the caller. */
export interface NotificationMessage {
  readonly method: string;
  readonly params?: unknown;
}

/** What the transport remembers of a request until its answer is there. */
export interface Entry<Request> {
  readonly request: Request;
  /** Takes the outcome. Called at most once. */
  deliver(outcome: RpcOutcome): void;
  /** Takes a notification that belongs to the request. */
  notify(notification: NotificationMessage): void;
}

/**
 * Many callers, one SDK server. Each request gets a number of ours as its identifier, and what comes back is filed
 * under that number alone, so no caller can reach another's answers (servers that shared the SDK's own transports did:
 * CVE-2026-25536).
 */
export class PrivateIdTransport<Request> implements Transport {
  onmessage?: (<T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void) | undefined;
  onclose?: (() => void) | undefined;
  onerror?: ((error: Error) => void) | undefined;

  readonly #entries = new Map<string | number, Entry<Request>>();
  // Starts above 0: the SDK 1.32.2 takes a cancellation of request 0 for one that names no request.
  #last = 0;

  /** @param take - hands a request to the server. All else goes by `onmessage`, which the SDK sets */
  constructor(private readonly take: (request: JSONRPCRequest) => void) {}

  /** How many requests are waiting for their answer. */
  get remembered(): number {
    return this.#entries.size;
  }

  /** The request behind a private number. Undefined when it has been answered or cancelled. */
  requestOf(id: string | number): Request | undefined {
    return this.#entries.get(id)?.request;
  }

  /** Hands a request to the server. Returns its private number. */
  dispatch(method: string, params: Record<string, unknown>, entry: Entry<Request>): number {
    this.#last += 1;
    const id = this.#last;
    this.#entries.set(id, entry);
    this.take({ jsonrpc: '2.0', id, method, params });
    return id;
  }

  /** Forgets a request and aborts its signal. Returns whether there was anything to cancel. */
  cancel(id: number): boolean {
    if (!this.#entries.delete(id)) return false;
    // The SDK sends nothing for a cancelled request.
    this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
    return true;
  }

  async start(): Promise<void> {}

  async close(): Promise<void> {
    this.#entries.clear();
    this.onclose?.();
  }

  /** @throws Error for a request to the client: without a session its answer could only be waited for in vain */
  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      if ('id' in message) throw new Error(`Cannot ask the client for "${message.method}": there is no session`);
      if (options?.relatedRequestId !== undefined) this.#entries.get(options.relatedRequestId)?.notify(message);
      return;
    }
    const { id } = message;
    const entry = id === undefined ? undefined : this.#entries.get(id);
    if (entry === undefined || id === undefined) return;
    this.#entries.delete(id);
    entry.deliver('result' in message ? { result: message.result } : { error: message.error });
  }
}

/** The SDK's server, with a way in for what is known to be a request. */
export class RequestServer extends Server {
  /**
   * Takes a request. By `onmessage` the SDK would first try whether it is a result, then whether it is an error. Each is a
   * schema that does not fit, and its report a hidden class that lives until the next full collection: together a seventh
   * of a call's time (SDK 1.32.2, zod 4.6.7, Node 24.21).
   */
  take(request: JSONRPCRequest): void {
    // biome-ignore lint/complexity/useLiteralKeys: private, but not to brackets; the compiler notices when it is gone
    this['_onrequest'](request);
  }
}

/** A server of the SDK for a service. */
export function newServer({ info, instructions, capabilities }: McpService): RequestServer {
  return new RequestServer({ ...info }, { capabilities, instructions, jsonSchemaValidator });
}

// Made once and handed to every server, because each would otherwise make its own. Nothing is compiled with it.
const jsonSchemaValidator = new AjvJsonSchemaValidator();
