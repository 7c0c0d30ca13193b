import { randomUUID } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

/**
 * Adds a path with the SDK's transport and sessions, for the scenarios in which the server sends the client a request
 * and waits for the response.
 */
export function sessions(app: FastifyInstance, path: string): void {
  const open = new Map<string, StreamableHTTPServerTransport>();
  app.all(path, async (request, reply) => {
    const id = request.headers['mcp-session-id'];
    const transport = open.get(String(id)) ?? (await newSession(open));
    reply.hijack();
    await transport.handleRequest(request.raw, reply.raw, request.body);
  });
}

async function newSession(open: Map<string, StreamableHTTPServerTransport>) {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void open.set(id, transport),
  });
  const server = askingServer();
  // The SDK declares `onclose` without undefined, which exactOptionalPropertyTypes rejects (1.32.2).
  await server.connect(transport as Parameters<McpServer['connect']>[0]);
  return transport;
}

function askingServer(): McpServer {
  const server = new McpServer({ name: 'asking', version: '1.0.0' }, { capabilities: { tools: {}, logging: {} } });
  const textResult = (text: string) => ({ content: [{ type: 'text' as const, text }] });

  server.registerTool('test_sampling', { inputSchema: { prompt: z.string() } }, async ({ prompt }) => {
    const messages = [{ role: 'user' as const, content: { type: 'text' as const, text: prompt } }];
    const { content } = await server.server.createMessage({ messages, maxTokens: 100 });
    return textResult(`LLM response: ${JSON.stringify(content)}`);
  });

  const elicit = async (message: string, properties: Parameters<typeof form>[0], required: string[] = []) => {
    const { action, content } = await server.server.elicitInput({
      message,
      requestedSchema: form(properties, required),
    });
    return textResult(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`);
  };
  server.registerTool('test_elicitation', { inputSchema: { message: z.string() } }, ({ message }) =>
    elicit(message, { username: { type: 'string' }, email: { type: 'string' } }, ['username', 'email']),
  );
  server.registerTool('test_elicitation_sep1034_defaults', {}, () =>
    elicit('Please review', {
      name: { type: 'string', default: 'John Doe' },
      age: { type: 'integer', default: 30 },
      score: { type: 'number', default: 95.5 },
      status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
      verified: { type: 'boolean', default: true },
    }),
  );
  server.registerTool('test_elicitation_sep1330_enums', {}, () =>
    elicit('Please choose', {
      untitledSingle: { type: 'string', enum: ['option1', 'option2', 'option3'] },
      titledSingle: { type: 'string', oneOf: titled('Option') },
      legacyEnum: {
        type: 'string',
        enum: ['opt1', 'opt2', 'opt3'],
        enumNames: ['Option One', 'Option Two', 'Option Three'],
      },
      untitledMulti: { type: 'array', items: { type: 'string', enum: ['option1', 'option2', 'option3'] } },
      titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
    }),
  );
  return server;
}

type Form = Extract<Parameters<McpServer['server']['elicitInput']>[0], { requestedSchema: unknown }>['requestedSchema'];

function form(properties: Form['properties'], required: string[]): Form {
  return { type: 'object', properties, required };
}

function titled(what: string) {
  return ['First', 'Second', 'Third'].map((which, index) => ({
    const: `value${index + 1}`,
    title: `${which} ${what}`,
  }));
}
