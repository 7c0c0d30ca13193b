import { exchange } from './exchange';
import { type Answer, differences } from './match';
import { recordedToolkit } from './recorded';
import { mint } from './token';
import { type ExpectedAnswer, environments, type ServerKind, serverKinds, type Vector, vectorsFor } from './vector';

export { environments, type ServerKind, serverKinds, type Vector, vectorsFor };

/** How one exchange went. */
export interface Verdict {
  readonly vector: string;
  /** Whether the answer fits the recorded one or an alternative. */
  readonly fits: boolean;
  /** Which of the acceptable answers it was: 0 for the recorded one. @default - none */
  readonly form?: number;
  /** What separates it from the nearest acceptable answer; empty when it fits. */
  readonly differences: readonly string[];
  readonly answer: Answer;
}

export interface ReplayOptions {
  /**
   * Whether the server keeps no MCP sessions; then `statelessAnswers` count where they exist, and nothing else.
   * @default - false: the recorded answers count
   */
  readonly stateless?: boolean;
}

/**
 * Sends one vector to a server over real HTTP and judges the answer. Each MCP vector opens its own connection first.
 * @param baseUrl such as `http://127.0.0.1:8000`; the server must be of the vector's kind
 * @throws Error when the server cannot be reached, or refuses the handshake that the vector's state needs
 */
export async function replay(vector: Vector, baseUrl: string, options: ReplayOptions = {}): Promise<Verdict> {
  const { request } = vector;
  const answers = options.stateless ? (statelessAnswers[vector.name] ?? vector.answers) : vector.answers;
  const sessionId = vector.area === 'mcp' ? await reach(vector, baseUrl) : undefined;
  const answer = await exchange(baseUrl, {
    method: request.method,
    path: request.path,
    headers: headersOf(vector, sessionId),
    body: bodyOf(vector),
    headOnly: vector.answers.some(({ stream }) => stream),
  });
  return { vector: vector.name, answer, ...judge(vector, answers, answer, baseUrl) };
}

/** Compares with each acceptable answer in turn. */
function judge(vector: Vector, answers: readonly ExpectedAnswer[], answer: Answer, baseUrl: string) {
  const compared = answers.map((expected) => differences(vector.area, expected, answer, baseUrl));
  const form = compared.findIndex((found) => found.length === 0);
  if (form >= 0) return { fits: true, form, differences: [] };
  const nearest = compared.reduce((best, found) => (found.length < best.length ? found : best));
  return { fits: false, differences: nearest };
}

/**
 * What a server without sessions answers instead of the recorded one: it ignores the identifier and has no stream to
 * offer, both of which every revision of the protocol allows.
 */
const statelessAnswers: Readonly<Record<string, readonly ExpectedAnswer[]>> = {
  'no-id': [
    { status: 200, headers: { 'content-type': 'application/json' }, body: { jsonrpc: '2.0', id: 2, result: {} } },
  ],
  'unknown-id': [
    { status: 200, headers: { 'content-type': 'application/json' }, body: { jsonrpc: '2.0', id: 2, result: {} } },
  ],
  // The one handshake whose recorded answer has no alternative: ours announces tools alone and gives no identifier.
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

/** Sent where a vector wants the identifier of its connection and the server gave none. It must not matter. */
const neverGivenOut = '0123456789abcdef0123456789abcdef';

/** Brings a connection into the vector's state. Resolves with its identifier, if the server gives one. */
async function reach({ state = 'none', protocol_version = '2025-11-25' }: Vector, baseUrl: string) {
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
  const identified = { 'Mcp-Session-Id': sessionId ?? neverGivenOut };
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
    ([name, value]) => [name, value === '<mcp-id>' ? (sessionId ?? neverGivenOut) : value] as const,
  );
  return { ...type, ...authorization, ...Object.fromEntries(own) };
}

function bodyOf({ request }: Vector): Buffer | undefined {
  if (request.raw_body !== undefined) return Buffer.from(request.raw_body);
  if (request.raw_body_base64 !== undefined) return Buffer.from(request.raw_body_base64, 'base64');
  return request.body === undefined ? undefined : Buffer.from(JSON.stringify(request.body));
}
