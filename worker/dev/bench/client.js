// A client of MCP 2026-07-28, in which requests are stateless. It calls the server of this page.
const revision = '2026-07-28';
let lastId = 0;

/** An error response instead of a result. */
export class Refusal extends Error {}

/**
 * Sends a request.
 * @param {string} method such as `tools/call`
 * @param {Record<string, unknown>} params
 * @param {{ signal?: AbortSignal, capabilities?: object, notified?: (method: string, params: any) => void }} [options] `signal`
 * cancels, `notified` gets the notifications before the result
 * @returns {Promise<any>} the result
 * @throws {Refusal} with the server's message, or why there is no response
 */
export async function ask(method, params = {}, { signal, capabilities = {}, notified = () => {} } = {}) {
  lastId += 1;
  const id = lastId;
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': revision,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'bench', version: '1.0.0' },
    'io.modelcontextprotocol/logLevel': 'debug',
    progressToken: id,
  };
  const name = params.name ?? params.uri;
  const response = await fetch('/mcp', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': revision,
      'mcp-method': method,
      ...(typeof name === 'string' ? { 'mcp-name': mirrored(name) } : {}),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id, method, params: { ...params, _meta } }),
    signal,
  });
  for await (const message of messagesOf(response)) {
    if (message.id === id && message.result !== undefined) return message.result;
    if (message.error !== undefined) throw new Refusal(`${message.error.message} (${message.error.code})`);
    if (message.method !== undefined) notified(message.method, message.params ?? {});
  }
  throw new Refusal(`The server sent no result (status ${response.status})`);
}

/** A header can hold only visible ASCII; other names are sent as Base64. */
function mirrored(name) {
  if (/^[!-~]+$/.test(name)) return name;
  return `=?base64?${btoa(String.fromCharCode(...new TextEncoder().encode(name)))}?=`;
}

async function* messagesOf(response) {
  if (!/^text\/event-stream/.test(response.headers.get('content-type') ?? '')) {
    const text = await response.text();
    try {
      yield JSON.parse(text);
    } catch {
      throw new Refusal(`Status ${response.status}: ${text.slice(0, 500)}`);
    }
    return;
  }
  let rest = '';
  for await (const text of textsOf(response.body)) {
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      const data = event.split('\n').flatMap((line) => (line.startsWith('data: ') ? [line.slice(6)] : []));
      if (data.length > 0) yield JSON.parse(data.join('\n'));
    }
  }
}

/** Not every browser can iterate over a stream. */
async function* textsOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value;
}
