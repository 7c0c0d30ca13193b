import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from './load';

/** The published interface of a toolkit, sorted by MCP name. Has `resources` only if there are any. */
export function published({ toolkit, mcpTools, resources: { fixed, templates } }: Catalog) {
  const resources = [...fixed, ...templates].map(({ entry }) => entry);
  return {
    toolkit,
    tools: mcpTools.map(({ wireName: name, engine, mcp }) => ({ name, engine, mcp })),
    ...(resources.length === 0 ? {} : { resources }),
  };
}

/**
 * The examples of a toolkit that JSON can represent. Skips an example with more than a call and an outcome, such as a fake
 * `fetch`, and omits the output if JSON would change it.
 */
export function portableExamples({ mcpTools }: Catalog) {
  return mcpTools.flatMap(({ wireName, definition }) =>
    definition.examples.flatMap(({ input, context = {}, ...outcome }, index) => {
      const isPlain = Object.keys(outcome).every((key) => key === 'output' || key === 'fails');
      if (!isPlain || !survivesJson(input) || !survivesJson(context)) return [];
      const known = 'output' in outcome && !survivesJson(outcome.output) ? {} : outcome;
      return [{ tool: wireName, index, input, context, ...known }];
    }),
  );
}

/** Whether a value is the same after it was written as JSON and read again. */
export function survivesJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    // A circular reference, a bigint or undefined.
    return false;
  }
}
