import { isUtf8 } from 'node:buffer';
import type { Readable, Writable } from 'node:stream';
import type { LogLevel } from '../catalog/log-line';
import { parsed } from '../json';
import type { McpDispatcher } from './dispatcher';
import type { ResponseText } from './eras';
import { decide } from './message';
import { codes, errorText } from './protocol';
import { canBeAsked } from './reach';
import type { Client, ParsedRequest, Sink } from './service';

/** The streams of a process that a local client has started. */
export interface StdioStreams {
  readonly input: Readable;
  readonly output: Writable;
}

/**
 * Serves one local client over standard input and output, in both eras, one JSON message a line.
 * Resolves when the client has closed its end and what it had asked for is answered, or when it no longer reads.
 * @throws Error when the streams fail for another reason
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
      // There is one client, so its own identifiers are enough to find a call.
      else if (decision.kind === 'cancel') dispatcher.cancel(decision.id, () => true);
      else if (decision.kind === 'answer') dispatcher.answer(decision.id, decision.outcome, () => true);
      else if (decision.kind === 'run') {
        const answer = run(dispatcher, decision.request, client, write);
        answers.add(answer);
        void answer.then(() => answers.delete(answer));
      }
    }
    // Who has closed its end answers no more.
    dispatcher.giveUpAsking('The client has gone');
    await Promise.all(answers);
  };
  try {
    await Promise.race([serve(), broken]);
  } catch (error) {
    if (!isGone(error)) throw error;
  } finally {
    dispatcher.close();
    // A client that only stopped reading has left its own end open, which would keep the process.
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

/** Resolves when the request has been answered, or is not to be. */
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
 * The lines of a stream. They end at LF alone: whatever else looks like the end of a line may stand in JSON. U+2028 and
 * U+2029 stand in texts, and Node's readline has ended lines there since version 24; CR may stand between tokens.
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

/** Whether a stream failed because nobody reads it any longer. */
function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && goneCodes.has(error.code);
}

const goneCodes = new Set<unknown>(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED', 'ERR_STREAM_PREMATURE_CLOSE']);
