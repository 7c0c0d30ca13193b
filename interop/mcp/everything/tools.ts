import { setTimeout as sleep } from 'node:timers/promises';
import { isObject } from '../../../worker/json';
import { codes, metaKeys, RpcError } from '../../../worker/mcp/protocol';
import type { McpCall, McpMethod, McpResult } from '../../../worker/mcp/service';
import { askingTools } from './asking';
import { audio, image, resource, text } from './content';
// JSON, because the linter rejects an object with a member `then`.
import richSchema from './json-schema-2020-12.json';

/**
 * The tools that the conformance suite calls, by name. Names and results follow @modelcontextprotocol/conformance 0.1.16
 * and 0.2.0-alpha.12.
 */
const tools = new Map<string, McpMethod>([
  ...Object.entries({
    test_simple_text: () => content(text('This is a simple text response for testing.')),
    test_image_content: () => content(image),
    test_audio_content: () => content(audio),
    test_embedded_resource: () =>
      content(resource('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')),
    test_multiple_content_types: () =>
      content(
        text('Multiple content types test:'),
        image,
        resource('test://mixed-content-resource', 'application/json', '{"test":"data","value":123}'),
      ),
    test_tool_with_logging: logThreeTimes,
    test_tool_with_progress: reportThreeTimes,
    test_error_handling: () => ({
      ...content(text('This tool intentionally returns an error for testing')),
      isError: true,
    }),
    test_missing_capability: needSampling,
    test_streaming_elicitation: reportThreeTimes,
    test_logging_tool: () => content(text('nothing is logged unless a level is asked for')),
    json_schema_2020_12_tool: () => content(text('the schema is what matters')),
  } satisfies Record<string, McpMethod>),
  ...askingTools,
]);

export const toolMethods = new Map<string, McpMethod>([
  ['tools/list', () => ({ tools: [...tools.keys()].map(describe) })],
  ['tools/call', callTool],
]);

async function callTool(call: McpCall): Promise<McpResult> {
  const tool = tools.get(String(call.params.name));
  if (tool === undefined) throw new RpcError(codes.invalidParams, `Unknown tool: ${call.params.name}`);
  return tool(call);
}

function content(...items: readonly object[]): McpResult {
  return { content: items };
}

async function logThreeTimes(call: McpCall): Promise<McpResult> {
  for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
    await call.notify('notifications/message', { level: 'info', data });
    await sleep(50);
  }
  return content(text('logged'));
}

async function reportThreeTimes(call: McpCall): Promise<McpResult> {
  const { _meta: meta } = call.params;
  const progressToken = isObject(meta) ? meta.progressToken : undefined;
  for (const progress of [0, 50, 100]) {
    if (progressToken !== undefined) {
      await call.notify('notifications/progress', { progressToken, progress, total: 100 });
    }
    await sleep(50);
  }
  return content(text('reported'));
}

function needSampling({ params: { _meta: meta } }: McpCall): McpResult {
  const capabilities = isObject(meta) ? meta[metaKeys.clientCapabilities] : undefined;
  if (isObject(capabilities) && isObject(capabilities.sampling)) return content(text('sampling is declared'));
  throw new RpcError(codes.missingCapability, 'This tool needs sampling', { requiredCapabilities: { sampling: {} } });
}

function describe(name: string) {
  const inputSchema = name === 'json_schema_2020_12_tool' ? richSchema : { type: 'object', properties: {} };
  return { name, description: `The conformance suite's ${name}.`, inputSchema };
}
