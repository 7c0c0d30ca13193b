// The SDK's official stateless example for Express, simpleStatelessStreamableHttp (1.32.2): a server and a transport per
// request, responses as event streams. `echo` replaces its demo tool, prompt and resource, so that the calls are comparable.
// Everything else is unchanged.
import { createMcpExpressApp } from '@modelcontextprotocol/sdk/server/express.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

function makeServer() {
  const server = new McpServer({ name: 'peer', version: '1.0.0' }, { capabilities: { logging: {} } });
  server.registerTool(
    'echo',
    { description: 'Send the given text back unchanged.', inputSchema: { message: z.string() } },
    async ({ message }) => ({ content: [{ type: 'text', text: message }] }),
  );
  return server;
}

const app = createMcpExpressApp();

app.post('/mcp', async (request, response) => {
  const server = makeServer();
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  await server.connect(transport);
  await transport.handleRequest(request, response, request.body);
  response.on('close', () => {
    transport.close();
    server.close();
  });
});

app.listen(Number(process.env.PORT), '127.0.0.1');
