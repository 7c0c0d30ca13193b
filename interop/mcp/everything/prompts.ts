import { isObject } from '../../../worker/json';
import { codes, RpcError } from '../../../worker/mcp/protocol';
import type { McpCall, McpMethod, McpResult } from '../../../worker/mcp/service';
import { askingPrompt } from './asking';
import { image, resource, text } from './content';

const prompts = new Map<string, { readonly takes: readonly string[]; readonly get: McpMethod }>([
  ['test_simple_prompt', { takes: [], get: () => messages(text('This is a simple prompt for testing.')) }],
  [
    'test_prompt_with_arguments',
    {
      takes: ['arg1', 'arg2'],
      get: (call) => messages(text(`arg1='${argument(call, 'arg1')}', arg2='${argument(call, 'arg2')}'`)),
    },
  ],
  [
    'test_prompt_with_embedded_resource',
    {
      takes: ['resourceUri'],
      get: (call) =>
        messages(
          resource(argument(call, 'resourceUri'), 'text/plain', 'Embedded resource content for testing.'),
          text('Please process the embedded resource above.'),
        ),
    },
  ],
  ['test_prompt_with_image', { takes: [], get: () => messages(image, text('Please analyze the image above.')) }],
  ['test_input_required_result_prompt', { takes: [], get: askingPrompt }],
]);

export const promptMethods = new Map<string, McpMethod>([
  [
    'prompts/list',
    () => ({
      prompts: [...prompts].map(([name, { takes }]) => ({
        name,
        description: `The conformance suite's ${name}.`,
        arguments: takes.map((argument) => ({ name: argument, required: true })),
      })),
    }),
  ],
  [
    'prompts/get',
    (call) => {
      const prompt = prompts.get(String(call.params.name));
      if (prompt === undefined) throw new RpcError(codes.invalidParams, 'Unknown prompt');
      return prompt.get(call);
    },
  ],
  ['completion/complete', () => ({ completion: { values: ['paris', 'park', 'party'], total: 3, hasMore: false } })],
]);

function messages(...items: readonly object[]): McpResult {
  return { messages: items.map((content) => ({ role: 'user', content })) };
}

function argument({ params: { arguments: given } }: McpCall, name: string): string {
  return isObject(given) ? String(given[name]) : '';
}
