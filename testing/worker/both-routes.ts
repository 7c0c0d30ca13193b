import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv';
import { type DefinedTool, defineTool, type ToolContext, z } from '../../worker/catalog/define-tool';
import { contract } from '../../worker/contract';
import { recordedName } from '../exchanges/recorded';
import { mint } from '../exchanges/token';
import { environments } from '../exchanges/vector';
import { mcpHeaders } from './mcp-server';
import { testWorker } from './test-worker';

/** The outcome of a call on one route. */
export type RouteOutcome = { readonly value: unknown } | { readonly kind: string; readonly message: string };

/** A minimal tool with the given parts. */
export function toolOf(parts: {
  readonly input?: z.ZodObject;
  readonly output?: z.ZodType;
  /** May return anything, because the bundle is built without type checks. */
  readonly run: (input: Readonly<Record<string, unknown>>, context: ToolContext) => unknown;
}): DefinedTool {
  const { input = z.strictObject({}), run } = parts;
  return defineTool<z.ZodObject, z.ZodType>({
    description: 'Do something.',
    input,
    examples: [{ input: {}, output: {} }],
    ...(parts.output === undefined ? {} : { output: parts.output }),
    run: run as () => never,
  });
}

/** A worker whose tools can be called over both routes: by an engine, and by an MCP client that validates results. */
export async function bothRoutes(tools: ReadonlyMap<string, unknown>) {
  const server = testWorker(environments.base, { tools });
  const authorization = `Bearer ${mint({ secret: environments.base.ARCADE_WORKER_SECRET, alg: 'HS256', claims: { aud: 'worker', ver: '1' } })}`;
  const post = (url: string, headers: Readonly<Record<string, string>>, payload: string) =>
    server.app.inject({ method: 'POST', url, headers, payload });
  const ask = async (method: string, params: string) => {
    const { statusCode, body } = await post(
      contract.paths.mcp,
      mcpHeaders,
      `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${params}}`,
    );
    const { result } = JSON.parse(body);
    if (statusCode !== 200 || result === undefined) throw new Error(`MCP answered ${statusCode}: ${body}`);
    return result;
  };
  const listed = await ask('tools/list', '{}');
  const validators = new Map<string, ReturnType<AjvJsonSchemaValidator['getValidator']>>();
  for (const { name, outputSchema } of listed.tools) {
    // Like SDK 1.x on tools/list: one invalid schema makes the whole list fail.
    if (outputSchema) validators.set(name, new AjvJsonSchemaValidator().getValidator(outputSchema));
  }
  return {
    ...server,
    /** @param inputs JSON text, because JavaScript cannot represent all numbers */
    async engine(name: string, inputs = '{}'): Promise<RouteOutcome> {
      const body = `{"tool":{"name":"${wireName(name)}","toolkit":"${recordedName}"},"inputs":${inputs}}`;
      const answer = await post(contract.paths.invoke, { authorization }, body);
      if (answer.statusCode !== 200)
        throw new Error(`The engine's route answered ${answer.statusCode}: ${answer.body}`);
      const { success, output } = answer.json();
      return success ? { value: output.value } : { kind: output.error.kind, message: output.error.message };
    },
    async mcp(name: string, inputs = '{}'): Promise<RouteOutcome> {
      const mcpName = `${recordedName}_${wireName(name)}`;
      const { isError, content, structuredContent, _meta } = await ask(
        'tools/call',
        `{"name":"${mcpName}","arguments":${inputs}}`,
      );
      if (isError) return { kind: _meta.arcade.errorKind, message: content[0].text };
      const validated = validators.get(mcpName)?.(structuredContent);
      if (validated?.valid === false)
        throw new Error(`A client rejects ${JSON.stringify(structuredContent)}: ${validated.errorMessage}`);
      return { value: structuredContent };
    },
  };
}

/** A matcher for an expected outcome; the expected message may be a part of the actual one. */
export function outcomeLike(wanted: unknown): unknown {
  if (typeof wanted !== 'object' || wanted === null || !('kind' in wanted)) return wanted;
  return { message: expect.stringContaining('message' in wanted ? String(wanted.message) : ''), kind: wanted.kind };
}

function wireName(name: string): string {
  return name.replace(/(?:^|_)([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}
