import type { AddressInfo } from 'node:net';
import { replay, type ServerKind, vectorsFor } from '../../testing/exchanges/replay';
import { type McpServer, mcpServer } from '../../testing/worker/mcp-server';
import { readToolFiles } from '../catalog/tool-files';

const kinds = [
  { kind: 'base', readTools: readToolFiles },
  { kind: 'fixtures', readTools: undefined },
  { kind: 'no-secret', readTools: readToolFiles },
] as const satisfies readonly { kind: ServerKind; readTools: (() => ReadonlyMap<string, unknown>) | undefined }[];

describe.each(kinds)('against the $kind server', ({ kind, readTools }) => {
  const vectors = vectorsFor('mcp', kind);
  let server: McpServer;
  let url: string;

  beforeAll(async () => {
    server = await mcpServer(readTools ? { tools: readTools() } : {});
    await server.app.listen({ host: '127.0.0.1', port: 0 });
    // Listening on a port, the address is never a text.
    url = `http://127.0.0.1:${(server.app.server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.app.close());

  test('there are recorded exchanges', () => expect(vectors.length).toBeGreaterThan(0));

  test.each(vectors)('$name: $title', async (vector) => {
    expect((await replay(vector, url, { stateless: true })).differences).toEqual([]);
  });
});
