import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import type { LogLevel } from '../catalog/log-line';
import { parsed } from '../json';
import { canBeAsked } from './channel';
import type { McpDispatcher } from './dispatcher';
import type { ResponseText } from './eras';
import { decide } from './message';
import { codes, errorText } from './protocol';
import type { Client, ParsedRequest, Sink } from './service';

/** The standard streams of a process that a local client started. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Serves one local client over standard input and output in both eras, one JSON message per line.
 * Resolves when the client has closed the input and all its requests are answered, or when it stops reading.
 * @throws Error when a stream fails for another reason
 */
export async function serveStdio(dispatcher: McpDispatcher, { input, output }: StdioStreams): Promise<void> {
  const answers = new Set<Promise<void>>();
  const client = new LocalClient();
  const write = (text: ResponseText) => output.write(typeof text === 'string' ? `${text}\n` : `${text.join('')}\n`);
  const broken = new Promise<never>((_, reject) => output.on('error', reject));
  const serve = async () => {
    for await (const line of linesOf(input)) {
      const text = line.toString('utf8').replace(/^\ufeff/, '');
      if (text.trim() === '') continue;
      const body = isUtf8(line) ? parsed(text) : undefined;
      const decision = body === undefined ? notJson : decide(body, undefined, dispatcher.service);
      if (decision.kind === 'reject') write(errorText(decision.rejection.error, decision.rejection.id));
      // There is only one client, so the request id identifies the call.
      else if (decision.kind === 'cancel') dispatcher.cancel(decision.id, () => true);
      else if (decision.kind === 'answer') dispatcher.answer(decision.id, decision.outcome, () => true);
      else if (decision.kind === 'run') {
        const answer = run(dispatcher, decision.request, client, write);
        answers.add(answer);
        void answer.then(() => answers.delete(answer));
      }
    }
    // A client that closed the input sends no more answers.
    dispatcher.cancelQuestions('The client has disconnected');
    await Promise.all(answers);
  };
  try {
    await Promise.race([serve(), broken]);
  } catch (error) {
    if (!isDisconnect(error)) throw error;
  } finally {
    dispatcher.close();
    // A client that only stopped reading leaves the input open, which would keep this process alive.
    input.destroy();
  }
}

const notJson = {
  kind: 'reject',
  rejection: { id: undefined, error: { code: codes.parse, message: 'Parse error: the line is not JSON' } },
} as const;

/** The one client of a process. */
class LocalClient implements Client {
  canBeAsked = false;
  logLevel: LogLevel | undefined;

  setLogLevel(level: LogLevel): void {
    this.logLevel = level;
  }
}

/** Resolves when the request is answered or cancelled. */
function run(
  dispatcher: McpDispatcher,
  request: ParsedRequest,
  client: LocalClient,
  write: (text: ResponseText) => void,
): Promise<void> {
  if (request.method === 'initialize') client.canBeAsked = canBeAsked(request.params.capabilities);
  return new Promise((end) => {
    const send = (message: object) => write(JSON.stringify({ jsonrpc: '2.0', ...message }));
    const sink: Sink = {
      deliver(outcome) {
        write(dispatcher.text(request, outcome));
        end();
      },
      notify: send,
      cancelled: end,
      ask: send,
    };
    const from = { caller: undefined, requestId: String(request.id), headers: {}, client: () => client };
    dispatcher.run(request, from, sink);
  });
}

/**
 * Splits a stream into lines at LF only, because other line breaks may occur inside JSON: U+2028 and U+2029 in strings
 * (Node's readline splits there since version 24) and CR between tokens.
 */
async function* linesOf(input: Readable): AsyncGenerator<Buffer> {
  let parts: Buffer[] = [];
  for await (const chunk of input) {
    let rest = Buffer.from(chunk);
    for (let end = rest.indexOf(lf); end >= 0; end = rest.indexOf(lf)) {
      yield Buffer.concat([...parts, rest.subarray(0, end)]);
      parts = [];
      rest = rest.subarray(end + 1);
    }
    parts.push(rest);
  }
  yield Buffer.concat(parts);
}

const lf = 0x0a;

/** Whether a stream failed because the client disconnected. */
function isDisconnect(error: unknown): boolean {
  return error instanceof Error && 'code' in error && disconnectCodes.has(error.code);
}

const disconnectCodes = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE']);
