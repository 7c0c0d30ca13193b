import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import fastify from 'fastify';
import { z } from 'zod';

// A stateless server as the SDK's documentation recommends, on the same Fastify as ours: a high-level server and a
// transport per request. Like ours, it responds with JSON, which is faster than event streams.
const app = fastify();

app.post('/mcp', async (request, reply) => {
  const server = makeServer();
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
  reply.hijack();
  reply.raw.on('close', () => {
    void transport.close();
    void server.close();
  });
  // The SDK's class does not match its own interface under exactOptionalPropertyTypes, because of `onclose`.
  await server.connect(transport as Parameters<typeof server.connect>[0]);
  await transport.handleRequest(request.raw, reply.raw, request.body);
});

void app.listen({ host: '127.0.0.1', port: Number(process.env.PORT) });

function makeServer(): McpServer {
  const server = new McpServer({ name: 'peer', version: '1.0.0' });
  server.registerTool(
    'echo',
    {
      description: 'Send the given text back unchanged.',
      inputSchema: { message: z.string().describe('The text to send back.') },
      outputSchema: { result: z.string() },
    },
    async ({ message }) => ({ content: [{ type: 'text', text: message }], structuredContent: { result: message } }),
  );
  return server;
}
