import { isObject } from '../json';
import { type Described, metadataOf, requirementsOf } from './described';
import { type JsonSchema, parametersSchema, resultSchema } from './json-schema';
import type { Field } from './shape';

/** The tool's entry in the MCP tool list. Missing values are omitted. */
export function mcpEntry(tool: Described) {
  const { definition, output, pageUri } = tool;
  const { behavior, deprecated } = definition;
  const arcade = withoutNulls({ requirements: requirementsOf(definition), metadata: metadataOf(definition) });
  return {
    name: tool.mcpName,
    title: tool.wireName,
    description: `${deprecated === undefined ? '' : `[DEPRECATED: ${deprecated}] `}${definition.description}`,
    inputSchema: parametersSchema(tool.input),
    ...(output === undefined ? {} : { outputSchema: outputSchema(output) }),
    annotations: {
      title: tool.wireName,
      ...(behavior?.readOnly === undefined ? {} : { readOnlyHint: behavior.readOnly }),
      ...(behavior?.destructive === undefined ? {} : { destructiveHint: behavior.destructive }),
      ...(behavior?.idempotent === undefined ? {} : { idempotentHint: behavior.idempotent }),
      ...(behavior?.openWorld === undefined ? {} : { openWorldHint: behavior.openWorld }),
    },
    ...(arcade === undefined && pageUri === undefined
      ? {}
      : { _meta: { ...(pageUri && { ui: { resourceUri: pageUri } }), ...(arcade && { arcade }) } }),
  };
}

/** Whether a result is the structured content itself. A nullable or non-object result is wrapped as `{ result }`. */
export function isSentWhole({ shape, nullable }: Field): boolean {
  return !nullable && ['map', 'object', 'variants'].includes(shape.kind);
}

function outputSchema(output: Field): JsonSchema {
  if (isSentWhole(output)) return resultSchema(output);
  // The Python server sends an empty string for null (arcade-mcp-server 1.26.0).
  return {
    type: 'object',
    properties: { result: resultSchema(output, { textForNull: output.shape.kind === 'string' }) },
  };
}

/** Removes null members at any depth. Undefined if nothing is left. */
function withoutNulls(value: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(value).flatMap(([key, member]) => {
    const inner = isObject(member) ? withoutNulls(member) : member;
    return inner === null || inner === undefined ? [] : [[key, inner]];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}
