import { isDeepStrictEqual } from 'node:util';
import type { Catalog } from './load';

/** What a toolkit shows to both of its callers, sorted by the names that MCP clients use. Without resources none are named. */
export function published({ toolkit, mcpTools, resources: { fixed, templates } }: Catalog) {
  const resources = [...fixed, ...templates].map(({ entry }) => entry);
  return {
    toolkit,
    tools: mcpTools.map(({ wireName: name, engine, mcp }) => ({ name, engine, mcp })),
    ...(resources.length === 0 ? {} : { resources }),
  };
}

/**
 * The examples of a toolkit as far as JSON can carry them: one that has more to it than a call and its outcome is left
 * out, and of a result that JSON would change no more is known than that there is one.
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

function survivesJson(value: unknown): boolean {
  try {
    return isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value);
  } catch {
    // A circle, a big integer, or nothing at all.
    return false;
  }
}
