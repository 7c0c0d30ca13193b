import type { AddressInfo } from 'node:net';
import { recordedTools } from '../../testing/exchanges/recorded';
import { replay, type ServerKind, vectorsFor } from '../../testing/exchanges/replay';
import { type McpServer, mcpServer } from '../../testing/worker/mcp-server';

const kinds = [
  { kind: 'base', tools: recordedTools },
  { kind: 'fixtures', tools: undefined },
  { kind: 'no-secret', tools: recordedTools },
] as const satisfies readonly { kind: ServerKind; tools: ReadonlyMap<string, unknown> | undefined }[];

describe.each(kinds)('against the $kind server', ({ kind, tools }) => {
  const vectors = vectorsFor('mcp', kind);
  let server: McpServer;
  let url: string;

  beforeAll(async () => {
    server = await mcpServer(tools ? { tools } : {});
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    // A server that listens on a port never has a string address.
    url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.app.close());

  test('has recorded exchanges', () => expect(vectors.length).toBeGreaterThan(0));

  test.each(vectors)('$name: $title', async (vector) => {
    expect((await replay(vector, url, { stateless: true })).differences).toEqual([]);
  });
});
