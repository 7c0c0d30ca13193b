import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { isObject, parsed } from '../json';
import type { McpEndpoint } from './endpoint';
import { codes, errorText } from './protocol';
import type { ParsedRequest } from './request';

/** The streams of a process that a local client has started. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Serves one local client over standard input and output, in both eras, one JSON message a line.
 * Resolves when the client has closed its end and what it had asked for is answered.
 */
export async function serveStdio(endpoint: McpEndpoint, { input, output }: StdioStreams): Promise<void> {
  // There is one client, so its own identifiers are enough to find a call.
  const calls = new Map<unknown, { readonly cancel: () => void; readonly ended: Promise<void> }>();
  const write = (text: string) => output.write(`${text}\n`);

  const run = (request: ParsedRequest) => {
    let cancel: () => void = () => undefined;
    const ended = new Promise<void>((end) => {
      const abort = endpoint.run(
        request,
        { caller: undefined, requestId: String(request.id), headers: {} },
        {
          deliver(outcome) {
            write(endpoint.text(request, outcome));
            end();
          },
          notify: ({ method, params }) => write(JSON.stringify({ jsonrpc: '2.0', method, params })),
        },
      );
      cancel = () => {
        abort();
        end();
      };
    });
    const call = { cancel, ended };
    calls.set(request.id, call);
    // A client may reuse an identifier before it has its response; the later call keeps the entry then.
    void ended.then(() => calls.get(request.id) === call && calls.delete(request.id));
  };

  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const body = parsed(line);
    if (body === undefined) {
      write(errorText({ code: codes.parse, message: 'Parse error: the line is not JSON' }));
      continue;
    }
    const decision = endpoint.decide(body, undefined);
    if (decision.kind === 'run') run(decision.request);
    else if (decision.kind === 'reject') write(errorText(decision.rejection.error, decision.rejection.id));
    else if (decision.method === 'notifications/cancelled') calls.get(cancelledId(body))?.cancel();
  }
  await Promise.all([...calls.values()].map(({ ended }) => ended));
  await endpoint.dispatcher.close();
}

function cancelledId(body: unknown): unknown {
  return isObject(body) && isObject(body.params) ? body.params.requestId : undefined;
}
