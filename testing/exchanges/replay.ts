import { exchange } from './exchange';
import { type Answer, differences } from './match';
import { recordedToolkit } from './recorded';
import { mint } from './token';
import { type ExpectedAnswer, environments, type ServerKind, serverKinds, type Vector, vectorsFor } from './vector';

export { environments, type ServerKind, serverKinds, type Vector, vectorsFor };

/** The result of replaying one exchange. */
export interface Verdict {
  readonly vector: string;
  /** Whether the answer matches the recorded one or an alternative. */
  readonly fits: boolean;
  /** The index of the matching answer: 0 for the recorded one. @default - no match */
  readonly form?: number;
  /** The differences from the closest acceptable answer; empty if it matches. */
  readonly differences: readonly string[];
  readonly answer: Answer;
}

/** How to compare answers. */
export interface ReplayOptions {
  /**
   * Whether the server has no MCP sessions, so that `statelessAnswers` replace the recorded ones.
   * @default - false
   */
  readonly stateless?: boolean;
}

/**
 * Sends one vector to a server over real HTTP and compares the answer. Each MCP vector opens its own session first.
 * @param baseUrl such as `http://127.0.0.1:8000`; the server must be of the vector's kind
 * @throws Error if the server is unreachable, or rejects the handshake that the vector's state requires
 */
export async function replay(vector: Vector, baseUrl: string, options: ReplayOptions = {}): Promise<Verdict> {
  const { request } = vector;
  const answers = options.stateless ? (statelessAnswers[vector.name] ?? vector.answers) : vector.answers;
  const sessionId = vector.area === 'mcp' ? await openSession(vector, baseUrl) : undefined;
  const answer = await exchange(baseUrl, {
    method: request.method,
    path: request.path,
    headers: headersOf(vector, sessionId),
    body: bodyOf(vector),
    headOnly: vector.answers.some(({ stream }) => stream),
  });
  return { vector: vector.name, answer, ...compare(vector, answers, answer, baseUrl) };
}

/** Compares an answer with each acceptable one. */
function compare(vector: Vector, answers: readonly ExpectedAnswer[], answer: Answer, baseUrl: string) {
  const compared = answers.map((expected) => differences(vector.area, expected, answer, baseUrl));
  const form = compared.findIndex((found) => found.length === 0);
  if (form >= 0) return { fits: true, form, differences: [] };
  const nearest = compared.reduce((best, found) => (found.length < best.length ? found : best));
  return { fits: false, differences: nearest };
}

/**
 * The answers of a stateless server: it ignores the session id and offers no stream, which every revision of the protocol
 * allows.
 */
const statelessAnswers: Readonly<Record<string, readonly ExpectedAnswer[]>> = {
  'no-id': [
    { status: 200, headers: { 'content-type': 'application/json' }, body: { jsonrpc: '2.0', id: 2, result: {} } },
  ],
  'unknown-id': [
    { status: 200, headers: { 'content-type': 'application/json' }, body: { jsonrpc: '2.0', id: 2, result: {} } },
  ],
  // The only handshake without an alternative to the recorded answer: ours announces only tools, and has no session id.
  'initialize-no-secret': [
    {
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: {
        jsonrpc: '2.0',
        id: 1,
        result: {
          protocolVersion: '2025-11-25',
          capabilities: { tools: {} },
          serverInfo: { name: recordedToolkit.name, title: recordedToolkit.name, version: '1.0.0' },
          instructions: 'Reference tools used to check an Arcade worker end to end.',
        },
      },
    },
  ],
  'get-no-id': [{ status: 405 }],
  'get-no-accept': [{ status: 405 }],
  'get-stream': [{ status: 405 }],
};

/** A session id to send to a stateless server, which must ignore it. */
const unknownSessionId = '0123456789abcdef0123456789abcdef';

/** Brings a session into the state that the vector requires. Resolves with its id, if the server has sessions. */
async function openSession({ state = 'none', protocol_version = '2025-11-25' }: Vector, baseUrl: string) {
  if (state === 'none' || state === 'unknown') return undefined;
  const initialize = {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: { protocolVersion: protocol_version, capabilities: {}, clientInfo: { name: 'vector', version: '1.0.0' } },
  };
  const opened = await post(baseUrl, initialize, {});
  if (opened.status !== 200) throw new Error(`The server answered ${opened.status} to initialize`);
  const sessionId = opened.headers['mcp-session-id'];
  if (state === 'open') return sessionId;
  const identified = { 'Mcp-Session-Id': sessionId ?? unknownSessionId };
  const { status } = await post(baseUrl, { jsonrpc: '2.0', method: 'notifications/initialized' }, identified);
  if (status !== 202) throw new Error(`The server answered ${status} to notifications/initialized`);
  if (state === 'closed') await exchange(baseUrl, { method: 'DELETE', path: '/mcp', headers: identified });
  return sessionId;
}

function post(baseUrl: string, message: unknown, headers: Readonly<Record<string, string>>): Promise<Answer> {
  const fixed = { Accept: 'application/json, text/event-stream', 'Content-Type': 'application/json' };
  const body = Buffer.from(JSON.stringify(message));
  return exchange(baseUrl, { method: 'POST', path: '/mcp', headers: { ...fixed, ...headers }, body });
}

function headersOf({ request }: Vector, sessionId: string | undefined): Readonly<Record<string, string>> {
  const type = request.body === undefined ? {} : { 'Content-Type': 'application/json' };
  const authorization =
    request.token === undefined
      ? {}
      : { Authorization: `${request.authorization_prefix ?? 'Bearer '}${mint(request.token)}` };
  const own = Object.entries(request.headers ?? {}).map(
    ([name, value]) => [name, value === '<mcp-id>' ? (sessionId ?? unknownSessionId) : value] as const,
  );
  return { ...type, ...authorization, ...Object.fromEntries(own) };
}

function bodyOf({ request }: Vector): Buffer | undefined {
  if (request.raw_body !== undefined) return Buffer.from(request.raw_body);
  if (request.raw_body_base64 !== undefined) return Buffer.from(request.raw_body_base64, 'base64');
  return request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
}
